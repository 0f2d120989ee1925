//! Dense arrays over a large range of positions: pages that exist once something was written to them.

/// Items of a page: 8 KiB of nodes. A multiple of four, so that siblings lie in one page.
pub const PAGE: usize = 256;

/// Items at positions below a fixed count; what was never written is `empty`.
pub struct Pages<T> {
    pages: Vec<Option<Box<[T; PAGE]>>>,
    empty: T,
    present: usize,
}

impl<T: Copy> Pages<T> {
    /// Bytes of a page.
    pub const PAGE_BYTES: u64 = (PAGE * size_of::<T>()) as u64;

    /// Nothing written yet.
    pub fn new(count: usize, empty: T) -> Self {
        let mut pages = Vec::new();
        pages.resize_with(count.div_ceil(PAGE), || None);
        Self { pages, empty, present: 0 }
    }

    /// The item at a position.
    #[inline]
    pub fn get(&self, position: u32) -> &T {
        match &self.pages[position as usize / PAGE] {
            Some(page) => &page[position as usize % PAGE],
            None => &self.empty,
        }
    }

    /// Four siblings: the items from `4·parent` on.
    #[inline]
    pub fn siblings(&self, parent: u32) -> [T; 4] {
        let first = 4 * parent as usize;
        match &self.pages[first / PAGE] {
            Some(page) => std::array::from_fn(|child| page[first % PAGE + child]),
            None => [self.empty; 4],
        }
    }

    pub fn set(&mut self, position: u32, item: T) {
        let (page, present, empty) = (&mut self.pages[position as usize / PAGE], &mut self.present, self.empty);
        let page = page.get_or_insert_with(|| {
            *present += 1;
            Box::new([empty; PAGE])
        });
        page[position as usize % PAGE] = item;
    }

    /// Bytes of the pages that exist.
    pub fn bytes(&self) -> u64 {
        self.present as u64 * Self::PAGE_BYTES
    }

    /// Bytes that writing at these ascending positions adds.
    pub fn added_bytes(&self, positions: impl Iterator<Item = u32>) -> u64 {
        let (mut last, mut added) = (usize::MAX, 0);
        for page in positions.map(|position| position as usize / PAGE) {
            if page != last && self.pages[page].is_none() {
                added += 1;
            }
            last = page;
        }
        added * Self::PAGE_BYTES
    }

    /// Pages that exist from `page` on, with their numbers.
    pub fn existing(&self, page: usize) -> impl Iterator<Item = (usize, &[T; PAGE])> {
        let pages = self.pages.iter().enumerate().skip(page);
        pages.filter_map(|(number, page)| page.as_deref().map(|page| (number, page)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn are_empty_until_written_and_count_their_bytes() {
        let mut pages = Pages::new(4 * PAGE, 7u64);
        assert_eq!((*pages.get(0), *pages.get(4 * PAGE as u32 - 1), pages.bytes()), (7, 7, 0));
        let last = PAGE as u32 - 1;
        for positions in [vec![0, 1, last], vec![0, last, last + 1], vec![last + 1, 4 * PAGE as u32 - 1]] {
            let before = pages.bytes();
            let added = pages.added_bytes(positions.iter().copied());
            positions.iter().for_each(|position| pages.set(*position, u64::from(*position)));
            assert_eq!(pages.bytes(), before + added);
        }
        assert_eq!(pages.bytes(), 3 * Pages::<u64>::PAGE_BYTES);
        assert_eq!(pages.siblings(0), [0, 1, 7, 7]);
        assert_eq!(pages.siblings((PAGE as u32 - 4) / 4), [7, 7, 7, u64::from(last)]);
        assert_eq!(pages.siblings(2 * PAGE as u32 / 4), [7; 4]);
        assert_eq!(pages.existing(0).map(|(number, _)| number).collect::<Vec<_>>(), [0, 1, 3]);
        assert_eq!(pages.existing(2).map(|(number, _)| number).collect::<Vec<_>>(), [3]);
    }
}
