//! What a gateway had to bear.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

/// What one gateway had to bear.
#[derive(Debug)]
pub(super) struct Load {
    pub(super) requests: Rolling,
    pub(super) connections: Level,
    pub(super) in_flight: Level,
    pub(super) check_jwt_apart: Option<SignedDuration>,
    check_jwt_last: Option<Timestamp>,
}

impl Default for Load {
    fn default() -> Self {
        Self {
            requests: Rolling::over(SignedDuration::from_secs(60)),
            connections: Level::default(),
            in_flight: Level::default(),
            check_jwt_last: None,
            check_jwt_apart: None,
        }
    }
}

impl Load {
    pub(super) fn check_jwt(&mut self, now: Timestamp) {
        if let Some(last) = self.check_jwt_last.replace(now) {
            let apart = now.duration_since(last);
            self.check_jwt_apart =
                Some(self.check_jwt_apart.map_or(apart, |least| least.min(apart)));
        }
    }
}

/// How often something happened within a window of time: lately, and at worst.
#[derive(Debug)]
pub(super) struct Rolling {
    pub(super) most: usize,
    window: SignedDuration,
    times: VecDeque<Timestamp>,
}

impl Rolling {
    pub(super) fn over(window: SignedDuration) -> Self {
        Self { window, times: VecDeque::new(), most: 0 }
    }

    pub(super) fn note(&mut self, now: Timestamp) {
        while self.times.front().is_some_and(|first| now.duration_since(*first) >= self.window) {
            self.times.pop_front();
        }
        self.times.push_back(now);
        self.most = self.most.max(self.times.len());
    }

    /// How often within the window before the latest.
    pub(super) fn recent(&self) -> usize {
        self.times.len()
    }
}

/// How many of something there are at a time: now, and at worst.
#[derive(Debug, Default)]
pub(super) struct Level {
    pub(super) most: usize,
    now: usize,
}

impl Level {
    pub(super) fn enter(&mut self) {
        self.now += 1;
        self.most = self.most.max(self.now);
    }

    pub(super) fn leave(&mut self) {
        self.now = self.now.saturating_sub(1);
    }

    pub(super) fn now(&self) -> usize {
        self.now
    }
}
