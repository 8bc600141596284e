# SPDX-License-Identifier: GPL-2.0
#
# asks.pl FILE [WHAT...]: asks for capabilities in a tree of processes, or for these things alone, and
# prints which of them were denied. FILE is to be given away. For guest.

use strict;
use warnings;

my ($file, @only) = @ARGV;

# As a grandchild, that it is not the program's own process which asks.
my %asks = (
	kill => sub { kill 0, 1 },
	chroot => sub { chroot '/' },
	chown => sub { chown 0, 0, $file },
	# prctl(PR_SET_SECUREBITS, SECBIT_NOROOT)
	securebits => sub { syscall(157, 28, 1, 0, 0, 0) == 0 },
	# prctl(PR_SET_KEEPCAPS, 1), which takes no capability
	keep => sub { syscall(157, 8, 1, 0, 0, 0) == 0 },
	restore => sub {
		open(my $last, '+<', '/proc/sys/kernel/ns_last_pid') or return 0;
		my $pid = <$last>;
		syswrite($last, $pid);
	},
	# prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER) of one instruction, that lets everything pass
	seccomp => sub {
		my $pass = pack('SCCL', 6, 0, 0, 0x7fff0000);
		syscall(157, 22, 2, pack('Sx6P', 1, $pass), 0, 0) == 0;
	},
);

my @refused = grep {
	my $ask = $asks{$_};
	!in_child(sub { in_child($ask) })
} sort(@only ? @only : grep { $_ ne 'seccomp' } keys %asks);
print "refused: @refused\n" if @refused;
exit scalar @refused;

sub in_child {
	my $do = shift;
	my $child = fork // die "fork: $!";
	exit($do->() ? 0 : 1) unless $child;
	waitpid $child, 0;
	return $? == 0;
}
