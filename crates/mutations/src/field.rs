//! Changes of the fields of a message of protobuf, with the lengths of all messages around them put right.

use proptest::prelude::*;

/// What is done to a field.
#[derive(Debug, Clone)]
pub enum FieldChange {
    /// It is gone.
    Absent,
    /// It stands once more, at the end.
    Twice,
    /// It stands first.
    First,
    /// It stands last.
    Last,
    /// The other message's field of this number stands in its place.
    Others,
    /// The other message's field of this number stands after it.
    AndOthers,
    /// Its value or length is this number, whatever comes after.
    Number(u64),
    /// Its number is this one.
    Called(u64),
    /// Its value or length is written with more bytes than it needs.
    Overlong,
    /// A field that nobody knows stands after it.
    Unknown(u64, Vec<u8>),
    /// So many groups, one in the other, stand after it.
    Groups(usize),
    /// So many messages of this number, one in the other, stand after it.
    Messages(u64, usize),
    /// A bit of what is in it is the other one.
    Flip(usize, u8),
    /// Bytes more in it.
    Insert(usize, Vec<u8>),
    /// A byte less in it.
    Delete(usize),
}

/// Most groups or messages in each other; prost stops at 100.
const DEEPEST: usize = 300;

/// Any of them.
pub(crate) fn field_changes() -> impl Strategy<Value = FieldChange> {
    let few = || prop::collection::vec(any::<u8>(), 0..8);
    let number = || prop_oneof![0..20_u64, Just(1 << 31), Just(u64::MAX), Just((1 << 61) - 1), any::<u64>()];
    prop_oneof![
        Just(FieldChange::Absent),
        Just(FieldChange::Twice),
        Just(FieldChange::First),
        Just(FieldChange::Last),
        Just(FieldChange::Others),
        Just(FieldChange::AndOthers),
        number().prop_map(FieldChange::Number),
        (1..20_u64).prop_map(FieldChange::Called),
        Just(FieldChange::Overlong),
        (1..20_u64, few()).prop_map(|(number, bytes)| FieldChange::Unknown(number, bytes)),
        (1..DEEPEST).prop_map(FieldChange::Groups),
        (1..10_u64, 1..DEEPEST).prop_map(|(number, count)| FieldChange::Messages(number, count)),
        (any::<usize>(), 0..8_u8).prop_map(|(at, bit)| FieldChange::Flip(at, bit)),
        (any::<usize>(), few()).prop_map(|(at, bytes)| FieldChange::Insert(at, bytes)),
        any::<usize>().prop_map(FieldChange::Delete),
    ]
}

/// How a value is written (Protocol Buffers, "Encoding").
const VARINT: u64 = 0;
const BYTES: u64 = 2;
const GROUP: u64 = 3;
const GROUP_END: u64 = 4;

/// A field as it stands in bytes.
#[derive(Clone)]
struct Field {
    number: u64,
    wire: u64,
    /// What stands between its key and its content: the length, where there is one.
    length: Vec<u8>,
    content: Vec<u8>,
}

/// `bytes` with a change of the field that `path` leads to; `None` where they have no fields.
pub(crate) fn apply(bytes: &[u8], other: &[u8], path: &[usize], change: &FieldChange) -> Option<Vec<u8>> {
    let (step, rest) = path.split_first()?;
    let mut fields = read(bytes)?;
    let at = step.checked_rem(fields.len())?;
    let field = fields.get(at)?.clone();
    let others: Vec<Field> = read(other).unwrap_or_default();
    let others: Vec<&Field> = others.iter().filter(|other| other.number == field.number).collect();
    let other = step.checked_rem(others.len()).and_then(|place| others.get(place)).copied();
    if field.wire == BYTES && !rest.is_empty() {
        let inner = other.map_or(&[][..], |other| &other.content);
        if let Some(content) = apply(&field.content, inner, rest, change) {
            *fields.get_mut(at)? = Field::message(field.number, content);
            return Some(write(&fields));
        }
    }
    match change {
        FieldChange::Absent => drop(fields.remove(at)),
        FieldChange::Twice => fields.push(field),
        FieldChange::First => {
            fields.remove(at);
            fields.insert(0, field);
        }
        FieldChange::Last => {
            fields.remove(at);
            fields.push(field);
        }
        FieldChange::Others => *fields.get_mut(at)? = other?.clone(),
        FieldChange::AndOthers => fields.insert(at + 1, other?.clone()),
        FieldChange::Unknown(number, content) => fields.insert(at + 1, Field::message(*number, content.clone())),
        FieldChange::Groups(count) => fields.insert(at + 1, Field::groups(*count)),
        FieldChange::Messages(number, count) => {
            let inner = (0..*count).fold(Vec::new(), |inner, _| write(&[Field::message(*number, inner)]));
            fields.insert(at + 1, Field::message(*number, inner));
        }
        within => *fields.get_mut(at)? = field.changed(within),
    }
    Some(write(&fields))
}

impl Field {
    fn message(number: u64, content: Vec<u8>) -> Self {
        Self { number, wire: BYTES, length: varint(content.len() as u64), content }
    }

    /// Groups one in the other; the outermost's key is the field's own.
    fn groups(count: usize) -> Self {
        let key = |wire: u64| varint(15 << 3 | wire);
        let content = [key(GROUP).repeat(count - 1), key(GROUP_END).repeat(count)].concat();
        Self { number: 15, wire: GROUP, length: Vec::new(), content }
    }

    fn changed(mut self, change: &FieldChange) -> Self {
        match change {
            FieldChange::Called(number) => self.number = *number,
            FieldChange::Number(number) if self.wire == VARINT => self.content = varint(*number),
            FieldChange::Number(number) => self.length = varint(*number),
            FieldChange::Overlong if self.wire == VARINT => overlong(&mut self.content),
            FieldChange::Overlong => overlong(&mut self.length),
            FieldChange::Flip(at, bit) => {
                let at = at.checked_rem(self.content.len());
                if let Some(byte) = at.and_then(|at| self.content.get_mut(at)) {
                    *byte ^= 1 << bit;
                }
            }
            FieldChange::Insert(at, more) if self.wire == BYTES => {
                let at = at % (self.content.len() + 1);
                self.content.splice(at..at, more.iter().copied());
                self.length = varint(self.content.len() as u64);
            }
            FieldChange::Delete(at) if self.wire == BYTES && !self.content.is_empty() => {
                self.content.remove(at % self.content.len());
                self.length = varint(self.content.len() as u64);
            }
            _ => {}
        }
        self
    }
}

/// The fields of a message; `None` for what is none, or has groups.
fn read(mut bytes: &[u8]) -> Option<Vec<Field>> {
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let (key, rest) = number(bytes)?;
        let (number_of, wire) = (key >> 3, key & 7);
        let (length, count, rest) = match wire {
            VARINT => (Vec::new(), rest.iter().position(|byte| byte & 0x80 == 0)? + 1, rest),
            1 => (Vec::new(), 8, rest),
            5 => (Vec::new(), 4, rest),
            BYTES => {
                let (count, after) = number(rest)?;
                (rest.get(..rest.len() - after.len())?.to_vec(), usize::try_from(count).ok()?, after)
            }
            _ => return None,
        };
        let (content, after) = rest.split_at_checked(count)?;
        fields.push(Field { number: number_of, wire, length, content: content.to_vec() });
        bytes = after;
    }
    Some(fields)
}

fn write(fields: &[Field]) -> Vec<u8> {
    let one = |field: &Field| {
        [&varint(field.number << 3 | field.wire), &field.length, &field.content].map(Vec::as_slice).concat()
    };
    fields.iter().flat_map(one).collect()
}

fn number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let end = bytes.iter().take(10).position(|byte| byte & 0x80 == 0)?;
    let (digits, rest) = bytes.split_at_checked(end + 1)?;
    Some((digits.iter().rev().fold(0, |sum, byte| sum << 7 | u64::from(byte & 0x7f)), rest))
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

fn overlong(bytes: &mut Vec<u8>) {
    if let Some(last) = bytes.last_mut() {
        *last |= 0x80;
        bytes.push(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Field 1 is 150, field 2 a message whose field 1 is "ab".
    const MESSAGE: &[u8] = &[0x08, 0x96, 0x01, 0x12, 0x04, 0x0a, 0x02, b'a', b'b'];
    /// The same with 1 and "c".
    const OTHER: &[u8] = &[0x08, 0x01, 0x12, 0x03, 0x0a, 0x01, b'c'];

    fn check(path: &[usize], change: &FieldChange, expected: &[u8]) {
        assert_eq!(apply(MESSAGE, OTHER, path, change).as_deref(), Some(expected), "{change:?}");
    }

    #[test]
    fn fields_are_changed_and_lengths_put_right() {
        check(&[0], &FieldChange::Absent, &MESSAGE[3..]);
        check(&[0], &FieldChange::Last, &[&MESSAGE[3..], &MESSAGE[..3]].concat());
        check(&[1], &FieldChange::First, &[&MESSAGE[3..], &MESSAGE[..3]].concat());
        check(&[0], &FieldChange::Twice, &[MESSAGE, &MESSAGE[..3]].concat());
        check(&[0], &FieldChange::Others, &[&OTHER[..2], &MESSAGE[3..]].concat());
        check(&[0], &FieldChange::Number(1), &[&OTHER[..2], &MESSAGE[3..]].concat());
        check(&[1, 0], &FieldChange::Others, &[&MESSAGE[..3], &OTHER[2..]].concat());
        check(&[0], &FieldChange::Overlong, &[&[0x08, 0x96, 0x81, 0x00], &MESSAGE[3..]].concat());
        check(&[1], &FieldChange::Number(127), &[&MESSAGE[..3], &[0x12, 127], &MESSAGE[5..]].concat());
        check(&[1, 0], &FieldChange::Delete(1), &[&MESSAGE[..3], &[0x12, 3, 0x0a, 1, b'a']].concat());
        check(&[1], &FieldChange::Groups(2), &[MESSAGE, &[0x7b, 0x7b, 0x7c, 0x7c]].concat());
        check(&[1], &FieldChange::Messages(1, 1), &[MESSAGE, &[0x0a, 2, 0x0a, 0]].concat());
        assert_eq!(apply(&[0x0b], OTHER, &[0], &FieldChange::Absent), None);
    }
}
