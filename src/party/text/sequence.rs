//! The characters of a text in their order, the hidden ones too: pieces in blocks, so that a change touches little. No IO.

use std::collections::BTreeMap;

/// A character, by the number of the op that wrote it in this text and its place among that op's characters.
pub(super) type Place = (u32, u32);

/// Most pieces in a block. Beyond that it becomes two.
const BLOCK: usize = 64;

/// Characters that one op wrote one after another and that still stand so.
#[derive(Clone)]
pub(super) struct Piece {
    pub(super) first: Place,
    pub(super) text: Vec<char>,
    pub(super) is_visible: bool,
}

impl Piece {
    fn length(&self) -> u32 {
        u32::try_from(self.text.len()).unwrap_or(u32::MAX)
    }

    fn visible(&self) -> usize {
        if self.is_visible { self.text.len() } else { 0 }
    }

    /// Cuts off what comes after so many characters.
    fn cut(&mut self, at: u32) -> Self {
        let text = self.text.split_off((at as usize).min(self.text.len()));
        Self {
            first: (self.first.0, self.first.1.saturating_add(at)),
            text,
            is_visible: self.is_visible,
        }
    }
}

#[derive(Clone, Default)]
struct Block {
    pieces: Vec<Piece>,
    visible: usize,
}

/// Where to put a piece.
#[derive(Clone, Copy)]
pub(super) enum Beside {
    Start,
    Before(Place),
    After(Place),
}

/// The sequence.
#[derive(Clone, Default)]
pub(super) struct Sequence {
    /// By a number that a block keeps.
    blocks: Vec<Block>,
    /// The numbers of the blocks in the order of the text.
    order: Vec<usize>,
    /// In which block each piece is, by its first character.
    home: BTreeMap<Place, usize>,
    visible: usize,
}

impl Sequence {
    /// How many characters are visible.
    pub(super) const fn len(&self) -> usize {
        self.visible
    }

    /// The visible text.
    pub(super) fn text(&self) -> String {
        self.pieces()
            .filter(|piece| piece.is_visible)
            .flat_map(|piece| &piece.text)
            .collect()
    }

    /// The beginning of the visible text.
    pub(super) fn chars(&self) -> impl Iterator<Item = char> {
        self.pieces()
            .filter(|piece| piece.is_visible)
            .flat_map(|piece| piece.text.iter().copied())
    }

    fn pieces(&self) -> impl Iterator<Item = &Piece> {
        let blocks = self.order.iter().filter_map(|number| self.blocks.get(*number));
        blocks.flat_map(|block| &block.pieces)
    }

    /// Puts a piece in. Returns how many visible characters stand before it.
    pub(super) fn insert(&mut self, piece: Piece, beside: Beside) -> usize {
        let (number, at) = match beside {
            Beside::Start => (self.first_block(), 0),
            Beside::Before(place) => self.boundary(place),
            Beside::After(place) => self.after(place),
        };
        let before = self.before(number, at);
        let visible = piece.visible();
        self.home.insert(piece.first, number);
        if let Some(block) = self.blocks.get_mut(number) {
            block.pieces.insert(at.min(block.pieces.len()), piece);
            block.visible += visible;
        }
        self.visible += visible;
        self.divide(number);
        before
    }

    /// Hides these characters of one op, as far as they are visible. Returns where each run of them stood, each counted after
    /// the ones before are gone.
    pub(super) fn hide(&mut self, first: Place, count: u32) -> Vec<(usize, usize)> {
        let end = first.1.saturating_add(count);
        self.split(first);
        self.split((first.0, end));
        let homes: Vec<(Place, usize)> = self
            .home
            .range(first..(first.0, end))
            .map(|(place, number)| (*place, *number))
            .collect();
        let mut hidden = Vec::new();
        for (place, number) in homes {
            let Some(at) = self.position(number, place) else {
                continue;
            };
            let before = self.before(number, at);
            let Some(block) = self.blocks.get_mut(number) else {
                continue;
            };
            let Some(piece) = block.pieces.get_mut(at).filter(|piece| piece.is_visible) else {
                continue;
            };
            piece.is_visible = false;
            let length = piece.text.len();
            block.visible -= length;
            self.visible -= length;
            hidden.push((before, length));
        }
        hidden
    }

    /// The visible character that so many visible ones stand before.
    pub(super) fn at(&self, visible: usize) -> Option<Place> {
        let mut left = visible;
        for block in self.order.iter().filter_map(|number| self.blocks.get(*number)) {
            if left >= block.visible {
                left -= block.visible;
                continue;
            }
            for piece in &block.pieces {
                if left < piece.visible() {
                    return Some((piece.first.0, piece.first.1.saturating_add(u32::try_from(left).ok()?)));
                }
                left -= piece.visible();
            }
        }
        None
    }

    /// The character of any kind that comes right after this one, or the first of all.
    pub(super) fn next(&self, place: Option<Place>) -> Option<Place> {
        let Some(place) = place else {
            return self.pieces().next().map(|piece| piece.first);
        };
        let (number, at) = self.find(place)?;
        let block = self.blocks.get(number)?;
        let piece = block.pieces.get(at)?;
        if place.1.saturating_sub(piece.first.1).saturating_add(1) < piece.length() {
            return Some((place.0, place.1.saturating_add(1)));
        }
        if let Some(next) = block.pieces.get(at.saturating_add(1)) {
            return Some(next.first);
        }
        let mut blocks = self.order.iter().skip_while(|other| **other != number).skip(1);
        blocks
            .find_map(|number| self.blocks.get(*number)?.pieces.first())
            .map(|piece| piece.first)
    }

    /// How many visible characters stand before this one, and whether it is visible itself.
    pub(super) fn visible_before(&self, place: Place) -> Option<(usize, bool)> {
        let (number, at) = self.find(place)?;
        let piece = self.blocks.get(number)?.pieces.get(at)?;
        let inside = place.1.saturating_sub(piece.first.1) as usize;
        let inside = if piece.is_visible { inside } else { 0 };
        Some((self.before(number, at) + inside, piece.is_visible))
    }

    /// The runs of visible characters from one visible place on: characters of one op, one after another.
    pub(super) fn runs(&self, from: usize, count: usize) -> Vec<(Place, u32)> {
        let (mut skip, mut left) = (from, count);
        let mut runs: Vec<(Place, u32)> = Vec::new();
        for block in self.order.iter().filter_map(|number| self.blocks.get(*number)) {
            if left == 0 {
                break;
            }
            if skip >= block.visible {
                skip -= block.visible;
                continue;
            }
            for piece in block.pieces.iter().filter(|piece| piece.is_visible) {
                let length = piece.text.len();
                if skip >= length {
                    skip -= length;
                    continue;
                }
                let taken = left.min(length - skip);
                let first = (
                    piece.first.0,
                    piece.first.1.saturating_add(u32::try_from(skip).unwrap_or(u32::MAX)),
                );
                let taken_chars = u32::try_from(taken).unwrap_or(u32::MAX);
                match runs.last_mut() {
                    Some((last, length)) if last.0 == first.0 && last.1.saturating_add(*length) == first.1 => {
                        *length += taken_chars;
                    }
                    _ => runs.push((first, taken_chars)),
                }
                left -= taken;
                skip = 0;
                if left == 0 {
                    break;
                }
            }
        }
        runs
    }

    fn first_block(&mut self) -> usize {
        if let Some(first) = self.order.first() {
            return *first;
        }
        let number = self.blocks.len();
        self.blocks.push(Block::default());
        self.order.push(number);
        number
    }

    /// The piece that holds a character.
    fn find(&self, place: Place) -> Option<(usize, usize)> {
        let (first, number) = self.home.range(..=place).next_back()?;
        if first.0 != place.0 {
            return None;
        }
        let at = self.position(*number, *first)?;
        let piece = self.blocks.get(*number)?.pieces.get(at)?;
        (place.1 - first.1 < piece.length()).then_some((*number, at))
    }

    /// Where in its block the piece with this first character is.
    fn position(&self, number: usize, first: Place) -> Option<usize> {
        self.blocks
            .get(number)?
            .pieces
            .iter()
            .position(|piece| piece.first == first)
    }

    /// How many visible characters stand before a piece.
    fn before(&self, number: usize, at: usize) -> usize {
        let blocks = self.order.iter().take_while(|other| **other != number);
        let blocks: usize = blocks
            .filter_map(|other| self.blocks.get(*other))
            .map(|block| block.visible)
            .sum();
        let pieces = self
            .blocks
            .get(number)
            .into_iter()
            .flat_map(|block| block.pieces.iter().take(at));
        blocks + pieces.map(Piece::visible).sum::<usize>()
    }

    /// Makes a piece begin at this character, if one holds it.
    fn split(&mut self, place: Place) {
        let Some((number, at)) = self.find(place) else { return };
        let Some(block) = self.blocks.get_mut(number) else {
            return;
        };
        let Some(piece) = block.pieces.get_mut(at).filter(|piece| piece.first != place) else {
            return;
        };
        let rest = piece.cut(place.1 - piece.first.1);
        self.home.insert(rest.first, number);
        block.pieces.insert(at + 1, rest);
        self.divide(number);
    }

    /// The place right before a character.
    fn boundary(&mut self, place: Place) -> Spot {
        self.split(place);
        match self.find(place) {
            Some((number, at)) => (number, at),
            None => (self.first_block(), 0),
        }
    }

    /// The place right after a character.
    fn after(&mut self, place: Place) -> Spot {
        self.split((place.0, place.1.saturating_add(1)));
        match self.find(place) {
            Some((number, at)) => (number, at + 1),
            None => (self.first_block(), 0),
        }
    }

    /// A block with too many pieces becomes two.
    fn divide(&mut self, number: usize) {
        let fresh = self.blocks.len();
        let Some(block) = self.blocks.get_mut(number).filter(|block| block.pieces.len() > BLOCK) else {
            return;
        };
        let pieces = block.pieces.split_off(BLOCK / 2);
        let visible = pieces.iter().map(Piece::visible).sum();
        block.visible -= visible;
        for piece in &pieces {
            self.home.insert(piece.first, fresh);
        }
        self.blocks.push(Block { pieces, visible });
        let at = self.order.iter().position(|other| *other == number);
        self.order.insert(at.map_or(self.order.len(), |at| at + 1), fresh);
    }
}

/// A block's number and a place among its pieces.
type Spot = (usize, usize);
