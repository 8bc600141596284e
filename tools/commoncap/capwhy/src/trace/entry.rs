// SPDX-License-Identifier: GPL-2.0

//! An entry of the kernel's ring buffer: the thread, the time, the event and its fields.

use super::format::{word, Field, Format};
use std::{borrow::Cow, cell::Cell, rc::Rc};

/// An event as the kernel recorded it.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The name of the thread.
    pub comm: String,
    /// The ID of the thread.
    pub tid: i32,
    /// The time in seconds of the trace clock.
    pub time: f64,
    format: Rc<Format>,
    bytes: Box<[u8]>,
    /// The field after the one that was read last, where the search begins: fields are mostly read
    /// in order.
    next: Cell<usize>,
}

impl Entry {
    /// Returns the number of the event that an entry is of.
    pub fn id(bytes: &[u8]) -> Option<u16> {
        word(bytes, 0, 2)?.try_into().ok()
    }

    /// Makes one of its bytes. Returns [`None`] if it has no thread.
    pub fn new(format: &Rc<Format>, nanoseconds: u64, bytes: &[u8]) -> Option<Self> {
        let mut entry = Self {
            comm: String::new(),
            tid: 0,
            // As the kernel writes it.
            time: (nanoseconds.saturating_add(500) / 1000) as f64 / 1e6,
            format: Rc::clone(format),
            bytes: bytes.into(),
            next: Cell::new(0),
        };
        entry.tid = entry.number("common_pid")?;
        Some(entry)
    }

    /// Returns the name of the event.
    pub fn event(&self) -> &str {
        &self.format.name
    }

    fn field(&self, name: &str) -> Option<&Field> {
        let fields = &self.format.fields;
        let (before, after) = fields.split_at(self.next.get().min(fields.len()));
        let is = |field: &Field| field.name == name;
        let index = match after.iter().position(is) {
            Some(index) => before.len() + index,
            None => before.iter().position(is)?,
        };
        self.next.set(index + 1);
        fields.get(index)
    }

    /// Returns the value of a field that is a number. Returns [`None`] if it is no such number.
    pub fn number<T: TryFrom<i128>>(&self, name: &str) -> Option<T> {
        let number = self.field(name)?.number(&self.bytes)?;
        T::try_from(number).ok()
    }

    /// Returns the value of a field that is a text.
    pub fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        self.field(name)?.text(&self.bytes)
    }

    /// Returns all fields of the event that are numbers, as text. Those that are mostly addresses
    /// or sets are hexadecimal.
    pub fn facts(&self) -> String {
        let own = self.format.fields.iter().filter(|field| {
            !["common_", "__probe_"]
                .iter()
                .any(|start| field.name.starts_with(start))
        });
        let facts = own.filter_map(|field| {
            let number = field.number(&self.bytes)?;
            Some(match u32::try_from(number.abs()) {
                Ok(_) => format!("{}={number}", field.name),
                Err(_) => format!("{}={number:#x}", field.name),
            })
        });
        facts.collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
pub mod fixtures {
    //! Entries for tests.

    use super::*;

    /// Makes an entry of a thread. The fields are written as `NAME=VALUE`, with blanks between
    /// them; a value that is no number is a text.
    pub fn entry(tid: i32, event: &str, values: &str) -> Entry {
        let mut fields = "\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n".to_owned();
        let mut bytes = vec![0; 4];
        bytes.extend(tid.to_le_bytes());
        for value in values.split_whitespace() {
            let (name, value) = value.split_once('=').expect(values);
            let number = match value.strip_prefix("0x") {
                Some(hexadecimal) => i128::from_str_radix(hexadecimal, 16).ok(),
                None => value.parse().ok(),
            };
            let (of_type, name, added) = match number {
                Some(number) => (
                    "long",
                    name.to_owned(),
                    (number as u64).to_le_bytes().to_vec(),
                ),
                None => ("char", format!("{name}[]"), value.as_bytes().to_vec()),
            };
            let (start, size) = (bytes.len(), added.len());
            let signed = u8::from(number.is_some_and(|number| number < 0));
            fields += &format!(
                "\tfield:{of_type} {name};\toffset:{start};\tsize:{size};\tsigned:{signed};\n"
            );
            bytes.extend(added);
        }
        let format = Format::parse(&format!("name: {event}\nID: 1\n{fields}")).unwrap();
        Entry {
            comm: "prog".to_owned(),
            ..Entry::new(&Rc::new(format), 1_000_000_000, &bytes).unwrap()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::fixtures::entry;

    #[test]
    fn fields_are_found_in_any_order() {
        let entry = entry(7, "some", "a=1 b=-2 c=0xffffffffffffffff d=text");
        for _ in 0..2 {
            for name in ["c", "a", "b", "b", "a", "c"] {
                let value = match name {
                    "a" => 1,
                    "b" => -2,
                    _ => u64::MAX.into(),
                };
                assert_eq!(entry.number::<i128>(name), Some(value), "{name}");
            }
        }
        assert_eq!(entry.text("d").as_deref(), Some("text"));
        assert_eq!((entry.tid, entry.event(), entry.time), (7, "some", 1.0));
    }

    #[test]
    fn a_value_that_does_not_fit_is_none() {
        let entry = entry(7, "some", "a=256 b=-1 d=text");
        assert_eq!(
            (entry.number::<u8>("a"), entry.number("a")),
            (None, Some(256_u16))
        );
        assert_eq!(
            (entry.number::<u64>("b"), entry.number("b")),
            (None, Some(-1_i64))
        );
        assert_eq!((entry.number::<u64>("d"), entry.text("a")), (None, None));
        assert_eq!((entry.number::<u64>("e"), entry.text("e")), (None, None));
    }

    #[test]
    fn facts_are_all_numbers() {
        let entry = entry(7, "some", "cap=21 ret=-1 ns=0xffff888000000000 d=text");
        assert_eq!(entry.facts(), "cap=21 ret=-1 ns=0xffff888000000000");
    }
}
