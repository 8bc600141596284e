// SPDX-License-Identifier: GPL-2.0

//! The buffers of an instance, one for each CPU, read in the order of time.

use super::{
    entry::Entry,
    format::Format,
    page::{self, Layout},
};
use crate::error::{Error, Result};
use rustix::fs::OFlags;
use std::{
    collections::HashMap,
    fs::{self, File},
    io::{ErrorKind, Read},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    rc::Rc,
};

/// What was read.
#[derive(Debug)]
pub enum Item {
    /// An event.
    Entry(Entry),
    /// Entries that cannot be read: of an event without a format, or the rest of a page.
    Unreadable,
    /// Events were lost here: so many, if the kernel knows.
    Lost(Option<u64>),
}

/// The buffer of a CPU.
struct Cpu {
    directory: PathBuf,
    pipe: File,
    /// How many events were lost until the last report.
    lost: u64,
}

impl Cpu {
    /// Returns how many events were lost since the last call, if the kernel knows. A page has room
    /// for that number only if it is not full.
    fn lost(&mut self) -> Option<u64> {
        let stats = fs::read_to_string(self.directory.join("stats")).ok()?;
        let before = std::mem::replace(&mut self.lost, lost_in(&stats));
        Some(self.lost.saturating_sub(before))
    }
}

/// Adds up the lost events in `per_cpu/cpuN/stats`.
pub fn lost_in(stats: &str) -> u64 {
    stats
        .lines()
        .filter_map(|line| {
            let (key, value) = line.split_once(':')?;
            let counts = ["overrun", "commit overrun", "dropped events"].contains(&key.trim());
            counts.then(|| value.trim().parse::<u64>().ok())?
        })
        .sum()
}

/// The buffers of an instance. Each event is read once.
pub struct Buffers {
    cpus: Vec<Cpu>,
    page: Vec<u8>,
    order: Order,
}

/// How many pages of a CPU are read before those of the next one.
const MOST_PAGES: usize = 64;

impl Buffers {
    /// Opens the buffers of an instance.
    pub fn open(instance: &Path) -> Result<Self> {
        let failed =
            |path: &Path, error| Error::of(format!("{} cannot be read", path.display()), error);
        let header = instance.join("events/header_page");
        // The kernel returns it to the first read only.
        let mut text = [0; 4096];
        let size = File::open(&header).and_then(|mut file| file.read(&mut text));
        let size = size.map_err(|error| failed(&header, error))?;
        let text = String::from_utf8_lossy(text.get(..size).unwrap_or_default());
        let layout = Layout::parse(&text)
            .ok_or_else(|| Error::new(format!("{} has an unknown format", header.display())))?;
        let directory = instance.join("per_cpu");
        let mut cpus = Vec::new();
        for cpu in fs::read_dir(&directory).map_err(|error| failed(&directory, error))? {
            let directory = cpu.map_err(|error| failed(&directory, error))?.path();
            cpus.push(Cpu {
                pipe: open(&directory.join("trace_pipe_raw"))?,
                directory,
                lost: 0,
            });
        }
        Ok(Self {
            cpus,
            page: vec![0; layout.size],
            order: Order::new(layout),
        })
    }

    /// Adds the format of an event that is to be read.
    pub fn add(&mut self, format: Format) {
        self.order.formats.insert(format.id, Rc::new(format));
    }

    /// Returns whether something was read that [`Self::read`] has not returned yet.
    pub fn holds(&self) -> bool {
        !self.order.held.is_empty()
    }

    /// Reads what there is. Returns an empty list if there is nothing.
    pub fn read(&mut self) -> Result<Vec<Item>> {
        loop {
            // An event of this time has been read, so all earlier ones are in the buffers by now.
            let mut until = self.order.latest;
            let mut count = 0;
            for cpu in &mut self.cpus {
                let mut last = None;
                for left in (0..MOST_PAGES).rev() {
                    let Some(size) = read(&mut cpu.pipe, &mut self.page)? else {
                        break;
                    };
                    count += 1;
                    last = self
                        .order
                        .page(self.page.get(..size).unwrap_or_default(), || cpu.lost())
                        .or(last);
                    if left == 0 {
                        // There may be more of this time.
                        until = last.map_or(until, |last| until.min(last));
                    }
                }
            }
            let ready = self.order.ready(until);
            if !ready.is_empty() || count == 0 {
                return Ok(ready);
            }
        }
    }
}

/// Opens a file without waiting for anything to read.
pub fn open(path: &Path) -> Result<File> {
    File::options()
        .read(true)
        .custom_flags(OFlags::NONBLOCK.bits() as i32)
        .open(path)
        .map_err(|error| Error::of(format!("{} cannot be read", path.display()), error))
}

/// Reads a page. Returns its size, or [`None`] if there is nothing to read.
fn read(file: &mut File, page: &mut [u8]) -> Result<Option<usize>> {
    loop {
        return match file.read(page) {
            Ok(0) => Ok(None),
            Ok(size) => Ok(Some(size)),
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
            // The CPU has never been online.
            Err(error) if error.raw_os_error() == Some(libc::ENODEV) => Ok(None),
            Err(error) => Err(Error::of("trace_pipe_raw cannot be read", error)),
        };
    }
}

/// What was read of all CPUs, by its time.
struct Order {
    layout: Layout,
    formats: HashMap<u16, Rc<Format>>,
    held: Vec<(u64, Item)>,
    /// The latest time that was read.
    latest: u64,
}

impl Order {
    fn new(layout: Layout) -> Self {
        Self {
            layout,
            formats: HashMap::new(),
            held: Vec::new(),
            latest: 0,
        }
    }

    /// Takes a page. Returns the time of its last item. `lost` returns how many events were lost.
    fn page(&mut self, bytes: &[u8], mut lost: impl FnMut() -> Option<u64>) -> Option<u64> {
        let mut last = None;
        let (held, formats) = (&mut self.held, &self.formats);
        let whole = page::read(self.layout, bytes, |time, item| {
            last = Some(time);
            let item = match item {
                page::Item::Lost => match lost() {
                    // In the last report.
                    Some(0) => return,
                    count => Item::Lost(count),
                },
                page::Item::Entry(bytes) => Entry::id(bytes)
                    .and_then(|id| Entry::new(formats.get(&id)?, time, bytes))
                    .map_or(Item::Unreadable, Item::Entry),
            };
            held.push((time, item));
        });
        self.latest = self.latest.max(last.unwrap_or_default());
        if whole.is_none() {
            held.push((last.unwrap_or(self.latest), Item::Unreadable));
        }
        last
    }

    /// Returns everything up to this time, in order.
    fn ready(&mut self, until: u64) -> Vec<Item> {
        self.held.sort_by_key(|(time, _)| *time);
        let count = self.held.partition_point(|(time, _)| *time <= until);
        self.held.drain(..count).map(|(_, item)| item).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::page::fixtures::{page, stored, HEADER},
        *,
    };

    const FORMAT: &str = "name: some\nID: 5\n\
        \tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n";

    fn order() -> Order {
        let mut order = Order::new(Layout::parse(HEADER).unwrap());
        order
            .formats
            .insert(5, Rc::new(Format::parse(FORMAT).unwrap()));
        order
    }

    /// An entry of a thread.
    fn of(tid: u8) -> [u8; 8] {
        [5, 0, 0, 0, tid, 0, 0, 0]
    }

    fn tids(items: &[Item]) -> Vec<i32> {
        let tid = |item: &Item| match item {
            Item::Entry(entry) => entry.tid,
            _ => -1,
        };
        items.iter().map(tid).collect()
    }

    #[test]
    fn lost_events_are_added_up() {
        let stats = "entries: 5\noverrun: 3\ncommit overrun: 1\nbytes: 77\n\
            oldest event ts:  1.000001\nnow ts: 2.0\ndropped events: 4\nread events: 9\n";
        assert_eq!(lost_in(stats), 8);
        assert_eq!(lost_in(""), 0);
    }

    #[test]
    fn each_loss_is_reported_with_its_number_once() {
        let mut order = order();
        let mut counts = [Some(17), Some(0), None].into_iter();
        for time in [100, 200, 300] {
            let missed = page(time, 1 << 31, &stored(1, &of(1)));
            order.page(&missed, || counts.next().unwrap());
        }
        let items = order.ready(order.latest);
        let losses: Vec<_> = items
            .iter()
            .filter_map(|item| match item {
                Item::Lost(count) => Some(*count),
                _ => None,
            })
            .collect();
        assert_eq!(losses, [Some(17), None]);
    }

    #[test]
    fn the_entries_of_all_cpus_are_in_the_order_of_time() {
        let mut order = order();
        let (first, other) = ([stored(1, &of(1)), stored(4, &of(4))], stored(3, &of(2)));
        assert_eq!(
            order.page(&page(100, 0, &first.concat()), || None),
            Some(105)
        );
        assert_eq!(order.page(&page(100, 0, &other), || None), Some(103));
        assert_eq!(tids(&order.ready(103)), [1, 2]);
        assert_eq!(
            order.page(&page(104, 0, &stored(0, &of(3))), || None),
            Some(104)
        );
        assert_eq!(
            (tids(&order.ready(order.latest)), order.held.len()),
            (vec![3, 4], 0)
        );
    }

    #[test]
    fn what_cannot_be_read_is_reported_once_and_in_its_place() {
        let mut order = order();
        let unknown = [[9, 0, 0, 0, 1, 0, 0, 0], of(2)].map(|entry| stored(1, &entry));
        order.page(&page(100, 1 << 31, &unknown.concat()), || None);
        let mut broken = stored(9, &of(3));
        broken.extend([0xff; 3]);
        order.page(&page(100, 0, &broken), || None);
        order.page(&[0; 3], || None);
        let items = order.ready(order.latest);
        assert_eq!(tids(&items), [-1, -1, 2, 3, -1, -1]);
        assert!(matches!(items[0], Item::Lost(None)));
        let unreadable = items.iter().filter(|item| matches!(item, Item::Unreadable));
        assert_eq!(unreadable.count(), 3);
    }

    #[test]
    fn a_cpu_with_many_pages_does_not_come_after_the_others() {
        let directory = crate::scratch::Directory::new();
        // The time of the other CPU's entry is that of the second last page.
        let count = 2 * MOST_PAGES as u64 + 2;
        let many: Vec<u8> = (0..count)
            .flat_map(|index| page(100 + 10 * index, 0, &stored(0, &of(1))))
            .collect();
        let other = page(100 + 10 * (count - 2), 0, &stored(1, &of(2)));
        fs::create_dir(directory.join("events")).unwrap();
        fs::write(directory.join("events/header_page"), HEADER).unwrap();
        for (name, pages) in [("cpu0", many), ("cpu1", other)] {
            let cpu = directory.join("per_cpu").join(name);
            fs::create_dir_all(&cpu).unwrap();
            fs::write(cpu.join("trace_pipe_raw"), pages).unwrap();
        }
        let mut buffers = Buffers::open(&directory).unwrap();
        buffers.add(Format::parse(FORMAT).unwrap());
        let mut read = Vec::new();
        loop {
            let items = buffers.read().unwrap();
            if items.is_empty() {
                break;
            }
            read.extend(tids(&items));
        }
        let expected: Vec<i32> = (0..=count)
            .map(|index| if index == count - 1 { 2 } else { 1 })
            .collect();
        assert_eq!((read, buffers.holds()), (expected, false));
    }
}
