//! The API definitions of every supported Kubernetes minor, read in place from one graph.
//!
//! `tools/kube_schemas.py` makes the graph and describes its layout. Every property carries the
//! set of minors that have it, so one graph answers for all versions. Nothing is decoded at
//! start: a lookup is a binary search over bytes. Blind to documents and rules.

use std::cmp::Ordering;

const DATA: &[u8] = include_bytes!("data/schemas.bin");

/// What a value must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// Anything at all.
    Any,
    /// An object with any members.
    Object,
    /// A string.
    String,
    /// `true` or `false`.
    Boolean,
    /// A whole number of 32 bits.
    Int32,
    /// A whole number of 64 bits.
    Int64,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// A list; the operand is the node of its items.
    Array,
    /// An object whose members are all of the operand's node.
    Map,
    /// An object with the properties of the operand's struct.
    Struct,
    /// A resource quantity: `500m`, `1Gi`.
    Quantity,
    /// A whole number or a string.
    IntOrString,
    /// A time as RFC 3339 has it.
    Time,
    /// The same with microseconds.
    MicroTime,
    /// Base64 text.
    Bytes,
    /// A nested object of any kind.
    Raw,
    /// A Go duration: `1h30m`.
    Duration,
}

const CODES: [Code; 18] = [
    Code::Any,
    Code::Object,
    Code::String,
    Code::Boolean,
    Code::Int32,
    Code::Int64,
    Code::Integer,
    Code::Number,
    Code::Array,
    Code::Map,
    Code::Struct,
    Code::Quantity,
    Code::IntOrString,
    Code::Time,
    Code::MicroTime,
    Code::Bytes,
    Code::Raw,
    Code::Duration,
];

/// How the items of a list relate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListType {
    /// Not said.
    Unknown,
    /// Replaced as a whole.
    Atomic,
    /// No two items are equal.
    Set,
    /// No two items have equal keys.
    Map,
}

/// A set of Kubernetes minors, one bit each; bit 0 is [`first_minor`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Minors(pub u16);

impl Minors {
    /// The minors that both sets have.
    #[must_use]
    pub fn and(self, other: Minors) -> Minors {
        Minors(self.0 & other.0)
    }

    /// The minors that this set has and the other has not.
    #[must_use]
    pub fn without(self, other: Minors) -> Minors {
        Minors(self.0 & !other.0)
    }

    /// Whether it has no minor.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The minors in ascending order.
    pub fn iter(self) -> impl Iterator<Item = u32> {
        (0..16).filter(move |bit| self.0 >> bit & 1 == 1).map(|bit| first_minor() + bit)
    }

    /// A minor and all later ones.
    pub fn since(minor: u32) -> Minors {
        Minors(u16::MAX.checked_shl(minor.saturating_sub(first_minor())).unwrap_or(0))
    }

    /// One minor; none when the graph does not know it.
    pub fn one(minor: u32) -> Option<Minors> {
        let bit = minor.checked_sub(first_minor())?;
        (bit < minor_count()).then(|| Minors(1 << bit))
    }
}

/// A place in the graph that says what a value must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node(u32);

/// A struct of the graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Struct(u32);

/// A property of a struct in some minors; a property that changed stands several times.
#[derive(Clone, Copy, Debug)]
pub struct Property {
    name: u16,
    /// Minors that have it in this form.
    pub minors: Minors,
    /// Minors that require it.
    pub required: Minors,
    /// What it must be.
    pub node: Node,
}

/// A kind of the API.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// Group, empty for the core group.
    pub group: &'static str,
    /// Version.
    pub version: &'static str,
    /// Kind.
    pub kind: &'static str,
    /// Minors that have it.
    pub minors: Minors,
    /// What its documents must be.
    pub node: Node,
}

const fn u16_at(at: usize) -> u16 {
    u16::from_le_bytes([DATA[at], DATA[at + 1]])
}

const fn u32_at(at: usize) -> u32 {
    u32::from_le_bytes([DATA[at], DATA[at + 1], DATA[at + 2], DATA[at + 3]])
}

const fn count(section: usize) -> usize {
    u32_at(8 + 4 * section) as usize
}

const fn padded(at: usize) -> usize {
    at.div_ceil(4) * 4
}

// Section offsets, computed while compiling.
const STRINGS: usize = 32;
const TEXT: usize = STRINGS + 4 * (count(0) + 1);
const LISTS: usize = padded(TEXT + u32_at(STRINGS + 4 * count(0)) as usize);
const LIST_ITEMS: usize = LISTS + 4 * (count(1) + 1);
const NODES: usize = padded(LIST_ITEMS + 2 * u32_at(LISTS + 4 * count(1)) as usize);
const STRUCTS: usize = NODES + 8 * count(2);
const PROPS: usize = STRUCTS + 12 * count(3);
const KINDS: usize = PROPS + 8 * count(4);

/// The first minor of Kubernetes 1 that the graph knows.
pub const fn first_minor() -> u32 {
    u16_at(4) as u32
}

/// How many minors the graph knows.
pub const fn minor_count() -> u32 {
    u16_at(6) as u32
}

/// The newest minor that the graph knows.
pub const fn newest_minor() -> u32 {
    first_minor() + minor_count() - 1
}

fn bytes(number: usize) -> &'static [u8] {
    let (start, end) = (u32_at(STRINGS + 4 * number), u32_at(STRINGS + 4 * number + 4));
    &DATA[TEXT + start as usize..TEXT + end as usize]
}

fn string(number: usize) -> &'static str {
    std::str::from_utf8(bytes(number)).expect("the generator writes UTF-8")
}

impl Node {
    fn at(self) -> usize {
        NODES + 8 * self.0 as usize
    }

    /// What a value must be.
    pub fn code(self) -> Code {
        CODES[DATA[self.at()] as usize]
    }

    /// For lists: how the items relate.
    pub fn list_type(self) -> ListType {
        match DATA[self.at() + 1] {
            1 => ListType::Atomic,
            2 => ListType::Set,
            3 => ListType::Map,
            _ => ListType::Unknown,
        }
    }

    /// For strings the allowed values (none given: any); for lists of type map the key fields.
    pub fn names(self) -> impl ExactSizeIterator<Item = &'static str> + Clone {
        let list = usize::from(u16_at(self.at() + 2));
        let (start, end) = (u32_at(LISTS + 4 * list), u32_at(LISTS + 4 * list + 4));
        (start as usize..end as usize)
            .map(|item| string(usize::from(u16_at(LIST_ITEMS + 2 * item))))
    }

    /// For lists and maps: what each item must be.
    #[must_use]
    pub fn items(self) -> Node {
        Node(u32_at(self.at() + 4))
    }

    /// For structs: which one.
    pub fn struct_(self) -> Option<Struct> {
        (self.code() == Code::Struct).then(|| Struct(u32_at(self.at() + 4)))
    }
}

impl Struct {
    fn at(self) -> usize {
        STRUCTS + 12 * self.0 as usize
    }

    /// The definition's name, such as `io.k8s.api.core.v1.Affinity`.
    pub fn name(self) -> &'static str {
        string(u32_at(self.at()) as usize)
    }

    /// A struct by its full definition name.
    pub fn find(name: &str) -> Option<Struct> {
        let name_of = |index: usize| bytes(u32_at(Struct(index as u32).at()) as usize);
        let index = search(count(3), |index| name_of(index).cmp(name.as_bytes()))?;
        Some(Struct(index as u32))
    }

    /// How many structs the graph has.
    pub fn count() -> usize {
        count(3)
    }

    /// Its number in the graph.
    pub fn index(self) -> usize {
        self.0 as usize
    }

    /// Its properties, sorted by name.
    pub fn properties(self) -> impl ExactSizeIterator<Item = Property> + Clone {
        let first = u32_at(self.at() + 4) as usize;
        let number = u32_at(self.at() + 8) as usize;
        (first..first + number).map(property)
    }

    /// The forms of one property over the minors; empty when the struct never had it.
    pub fn property(self, name: &str) -> impl Iterator<Item = Property> {
        let first = u32_at(self.at() + 4) as usize;
        let number = u32_at(self.at() + 8) as usize;
        // Names are compared as bytes, so that only a hit is looked at as text.
        let name_of = |index: usize| bytes(usize::from(u16_at(PROPS + 8 * index)));
        let hit = search(number, |index| name_of(first + index).cmp(name.as_bytes()));
        let is = |index: &usize| name_of(*index) == name.as_bytes();
        let (start, end) = match hit.map(|hit| first + hit) {
            None => (0, 0),
            Some(hit) => (
                (first..hit).rev().take_while(is).last().unwrap_or(hit),
                (hit..first + number).take_while(is).last().map_or(hit, |last| last + 1),
            ),
        };
        (start..end).map(property)
    }
}

impl Property {
    /// Its name.
    pub fn name(self) -> &'static str {
        string(usize::from(self.name))
    }
}

fn property(index: usize) -> Property {
    let at = PROPS + 8 * index;
    Property {
        name: u16_at(at),
        minors: Minors(u16_at(at + 2)),
        required: Minors(u16_at(at + 4)),
        node: Node(u32::from(u16_at(at + 6))),
    }
}

fn kind(index: usize) -> Kind {
    let at = KINDS + 12 * index;
    let text = |offset| string(usize::from(u16_at(at + offset)));
    Kind {
        group: text(0),
        version: text(2),
        kind: text(4),
        minors: Minors(u16_at(at + 6)),
        node: Node(u32_at(at + 8)),
    }
}

/// A kind by group (empty for core), version and name.
pub fn find_kind(group: &str, version: &str, name: &str) -> Option<Kind> {
    let index = search(count(5), |index| {
        let at = KINDS + 12 * index;
        let text = |offset| bytes(usize::from(u16_at(at + offset)));
        let other = (group.as_bytes(), version.as_bytes(), name.as_bytes());
        (text(0), text(2), text(4)).cmp(&other)
    })?;
    Some(kind(index))
}

/// Every kind, sorted by group, version and name.
pub fn kinds() -> impl Iterator<Item = Kind> {
    (0..count(5)).map(kind)
}

fn search(count: usize, mut order: impl FnMut(usize) -> Ordering) -> Option<usize> {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low + (high - low) / 2;
        match order(middle) {
            Ordering::Less => low = middle + 1,
            Ordering::Greater => high = middle,
            Ordering::Equal => return Some(middle),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_found_and_its_ports_are_typed() {
        let service = find_kind("", "v1", "Service").expect("Service");
        assert_eq!(service.minors.iter().count(), minor_count() as usize);
        let spec = service.node.struct_().expect("struct").property("spec").next().expect("spec");
        let spec = spec.node.struct_().expect("struct");
        let ports = spec.property("ports").next().expect("ports").node;
        assert_eq!((ports.code(), ports.list_type()), (Code::Array, ListType::Map));
        assert_eq!(ports.names().collect::<Vec<_>>(), ["port", "protocol"]);
        let port = ports.items().struct_().expect("struct");
        let number = port.property("port").next().expect("port");
        assert_eq!(number.node.code(), Code::Int32);
        assert!(!number.required.is_empty());
        let protocol = port.property("protocol").next().expect("protocol").node;
        assert_eq!(protocol.names().collect::<Vec<_>>(), ["SCTP", "TCP", "UDP"]);
        let distribution = spec.property("trafficDistribution").next().expect("property");
        assert_eq!(distribution.minors.iter().next(), Some(30));
        assert_eq!(spec.property("nope").count(), 0);
    }

    #[test]
    fn every_kind_and_struct_is_found_again() {
        for kind in kinds() {
            let found = find_kind(kind.group, kind.version, kind.kind).expect("kind");
            assert_eq!(found.node, kind.node);
            let name = kind.node.struct_().expect("a struct").name();
            assert!(Struct::find(name).is_some(), "{name}");
        }
    }

    #[test]
    fn sections_end_where_the_data_ends() {
        assert_eq!(&DATA[..4], b"RKG1");
        assert_eq!(KINDS + 12 * count(5), DATA.len());
    }
}
