# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2034 # each script reads some of them
#
# How much each suite must count at least, as the documentation says: a suite that counts less fails,
# because something kept a part of it from running. Raise a number together with the documentation.
# Sourced, on the host and in guests.

least_cells=2950      # cells of the policy matrix
least_changes=4635   # cells of the matrix of changes
least_cases=255383725 # cases of the equivalence suite, and of that of the series
least_scenarios=34    # scenarios of exercise
least_steps=3803      # steps of these scenarios
least_answers=130     # answers of the sample programs that are compared
least_paths=600       # paths of the proof that are tested on User Mode Linux

# Tests of the kernel's selftests that pass, on Debian's kernel, on that of series 7.2, and on others, which lack what
# some take.
least_selftests=409
least_selftests_7_2=355
least_selftests_elsewhere=90
# Tests of the kernel's selftests that pass or are skipped with the series, on User Mode Linux and x86-64.
least_selftests_rfc_uml=300
least_selftests_rfc_x86_64=370

# Tests of systemd-tests and stress-ng that pass on Debian's kernel.
least_distro=144
# CRIU's own tests that pass there.
least_zdtm=322
# util-linux's and crun's own tests that pass there.
least_upstream=295
