// SPDX-License-Identifier: GPL-2.0

//! Numbers that look random and are the same for the same seed: SplitMix64.
//!
//! Its whole state is one number, which a program can hand to the one that it executes.

/// A generator.
pub struct Rng(u64);

impl Rng {
    /// Goes on from a state, or begins with a seed.
    pub fn from_state(state: u64) -> Self {
        Self(state)
    }

    /// Returns the state, to go on from.
    pub fn state(&self) -> u64 {
        self.0
    }

    /// Returns the next number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Returns a number below another, which must not be 0.
    pub fn below(&mut self, end: u64) -> u64 {
        // That some are a little more likely than others is no harm here.
        self.next() % end
    }

    /// Returns whether something happens that does so in `percent` of cases.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// Returns one of several.
    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize]
    }

    /// Returns one of several, each as likely as its weight says.
    pub fn weighted<T: Copy>(&mut self, of: &[(u64, T)]) -> T {
        let mut left = self.below(of.iter().map(|(weight, _)| weight).sum());
        for (weight, value) in of {
            if left < *weight {
                return *value;
            }
            left -= weight;
        }
        of[0].1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_splitmix64() {
        let mut rng = Rng::from_state(1_234_567);
        let expected = [
            6_457_827_717_110_365_317,
            3_203_168_211_198_807_973,
            9_817_491_932_198_370_423,
        ];
        assert_eq!([rng.next(), rng.next(), rng.next()], expected);
    }

    #[test]
    fn a_generator_goes_on_from_its_state() {
        let mut rng = Rng::from_state(7);
        rng.next();
        let mut other = Rng::from_state(rng.state());
        assert_eq!(rng.next(), other.next());
    }

    #[test]
    fn what_weighs_nothing_is_never_picked() {
        let mut rng = Rng::from_state(1);
        for _ in 0..1000 {
            assert_ne!(rng.weighted(&[(3, 'a'), (0, 'b'), (1, 'c')]), 'b');
        }
    }
}
