//! Which rows of a list, in which order, and how many of them: filters, sort keys and pages.

use derive_more::From;
use serde::de::DeserializeOwned;

use super::limits::SORT_KEYS;
use super::prelude::*;

str_enum! {
    /// Which way a list is sorted.
    pub enum Direction {
        Ascending = "asc",
        Descending = "desc",
    }

    /// What lists can be sorted by; each list has its own selection.
    pub enum SortKey {
        Id = "id",
        Name = "name",
        VolumeId = "volume_id",
        CreatedAt = "created_at",
        UpdatedAt = "updated_at",
        Status = "status",
        Size = "size",
        AvailabilityZone = "availability_zone",
        Bootable = "bootable",
        VolumeType = "volume_type",
    }

    /// How two times are compared. Source: Cinder's `api/common.py`.
    pub enum Comparison {
        Later = "gt",
        NotEarlier = "gte",
        Earlier = "lt",
        NotLater = "lte",
        Same = "eq",
        Another = "neq",
    }
}

/// A filter that was asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {
    /// As the list calls it.
    pub name: &'static str,
    pub value: FilterValue,
}

/// What a filter compares with.
#[derive(Debug, Clone, PartialEq, From)]
pub enum FilterValue {
    Text(String),
    /// A text that is somewhere in another.
    #[from(skip)]
    Part(String),
    Id(Id),
    Ids(Vec<Id>),
    Number(i64),
    Boolean(bool),
    Times(Vec<(Comparison, Time)>),
    /// Texts under keys.
    Texts(Map<String, Value>),
}

/// A row of a list.
pub trait Listed: Serialize + DeserializeOwned {
    /// Its id, when it was made, and the project whose it is: none of what is everybody's.
    fn place(&self) -> (Id, Time, Option<&ProjectId>);

    fn id(&self) -> Id {
        self.place().0
    }

    fn project(&self) -> Option<&ProjectId> {
        self.place().2
    }
}

/// An order of all rows: up to three keys that can be the same on two rows, then the id, which never is.
/// A key behind the id, or a key for the second time, cannot change the order and is dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    keys: Vec<(SortKey, Direction)>,
    ties: Direction,
}

impl Order {
    /// From `keys` in their weight; `None` when more than [`SORT_KEYS`] of them weigh. Ties go by id, in the first key's direction unless `keys` says otherwise.
    /// Source: Cinder's `process_sort_params`.
    pub fn new(keys: impl IntoIterator<Item = (SortKey, Direction)>) -> Option<Self> {
        let mut keys = keys.into_iter().peekable();
        let ties = keys.peek().map_or(Direction::Ascending, |(_, direction)| *direction);
        let mut order = Self { keys: Vec::new(), ties };
        for (key, direction) in keys {
            if key == SortKey::Id {
                order.ties = direction;
                break;
            }
            if !order.keys.iter().any(|(earlier, _)| *earlier == key) {
                order.keys.push((key, direction));
            }
        }
        (order.keys.len() <= SORT_KEYS).then_some(order)
    }

    /// By age, ties by id in the same direction: the order that an index holds.
    pub fn by_age(direction: Direction) -> Self {
        Self { keys: vec![(SortKey::CreatedAt, direction)], ties: direction }
    }

    /// The direction, where this is the order that an index holds.
    pub fn as_age(&self) -> Option<Direction> {
        Direction::ALL.into_iter().find(|way| *self == Self::by_age(*way))
    }

    /// The keys before the id.
    pub fn keys(&self) -> &[(SortKey, Direction)] {
        &self.keys
    }

    /// The direction of the id, which settles what the keys leave open.
    pub const fn ties(&self) -> Direction {
        self.ties
    }
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    pub rows: Vec<T>,
    /// Whether a row follows the last one: then, and only then, the answer has a `next` link.
    pub has_next: bool,
    /// Whether it holds as many rows as were asked for, at least one.
    pub is_full: bool,
}

impl<T> Page<T> {
    /// From what a query for `limit + 1` rows gave: a next page is seen, never inferred from a full one.
    pub fn from_one_more(mut rows: Vec<T>, limit: usize) -> Self {
        let has_next = rows.len() > limit;
        rows.truncate(limit);
        Self { is_full: limit > 0 && rows.len() == limit, rows, has_next }
    }

    /// The page as Cinder links it: a full one has a next one, though it may be empty. OpenStack's integration tests
    /// (`_test_pagination`) ask for that of volumes and snapshots; a list of transfers tells the truth.
    pub fn linked_when_full(mut self) -> Self {
        self.has_next |= self.is_full;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_behind_the_id_or_given_twice_is_dropped() {
        use Direction::{Ascending as Asc, Descending as Desc};
        let order =
            Order::new([(SortKey::Name, Asc), (SortKey::Name, Desc), (SortKey::Id, Desc), (SortKey::VolumeId, Asc)]).unwrap();
        assert_eq!((order.keys(), order.ties()), (&[(SortKey::Name, Asc)][..], Desc));
    }

    #[test]
    fn ties_follow_the_first_key() {
        for way in [Direction::Ascending, Direction::Descending] {
            assert_eq!(Order::new([(SortKey::CreatedAt, way)]), Some(Order::by_age(way)));
            assert_eq!(Order::new([(SortKey::Name, way), (SortKey::VolumeId, Direction::Ascending)]).unwrap().ties(), way);
        }
    }

    #[test]
    fn a_full_page_has_a_next_one_only_when_a_row_follows() {
        assert!(!Page::from_one_more(vec![1, 2], 2).has_next);
        assert!(Page::from_one_more(vec![1, 2], 2).linked_when_full().has_next);
        assert!(!Page::from_one_more(vec![1], 2).linked_when_full().has_next);
        assert_eq!(Page::from_one_more(vec![1, 2, 3], 2), Page { rows: vec![1, 2], has_next: true, is_full: true });
    }
}
