//! What may not happen, judged by real time from what was really sent.

/// Seconds.
const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Why a login was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    Person,
    Missing,
    /// So many seconds before the token really ends, of so many that it lives.
    Ending {
        left: i64,
        life: i64,
    },
    Refused,
}

/// What the cloud said to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Said {
    Accepted,
    Rejected,
    OneTimeCode,
    Blocked,
    Failed,
}

#[derive(Debug, Clone, Copy)]
struct Login {
    at: i64,
    said: Said,
    password: u8,
}

/// Sees everything and remembers it.
#[derive(Debug, Default)]
pub(crate) struct Judge {
    logins: Vec<Login>,
    checks: Vec<i64>,
    /// Definite refusals of the token that is in use.
    refusals: Vec<i64>,
    /// The end of the last outage that anybody saw, and whether the firmware changed with it.
    back: Option<(i64, bool)>,
    is_away: bool,
    /// New tokens that were refused in a row.
    refused_new: Vec<i64>,
    broken: Option<String>,
}

impl Judge {
    pub(crate) fn verdict(&mut self) -> Result<(), String> {
        self.broken.take().map_or(Ok(()), Err)
    }

    pub(crate) fn logins(&self) -> u64 {
        self.logins.len().try_into().unwrap()
    }

    pub(crate) fn check(&mut self, now: i64) {
        if self.checks.last().is_some_and(|last| now - last < MINUTE) {
            self.broken = Some("B4: two checks within a minute".to_owned());
        }
        self.checks.push(now);
    }

    pub(crate) fn away(&mut self) {
        self.is_away = true;
    }

    pub(crate) fn answers(&mut self, now: i64, is_updated: bool) {
        if std::mem::take(&mut self.is_away) || is_updated {
            self.back = Some((now, is_updated));
            self.refusals.clear();
        }
    }

    pub(crate) fn refused(&mut self, now: i64) {
        self.refusals.push(now);
    }

    pub(crate) fn took(&mut self) {
        self.refusals.clear();
    }

    pub(crate) fn new_token(&mut self, now: i64, is_taken: bool) {
        if is_taken {
            self.refused_new.clear();
            self.refusals.clear();
        } else {
            self.refused_new.push(now);
        }
    }

    /// What a backup does not know cannot be held against who brought it back; the refusals that it
    /// knows were some.
    pub(crate) fn forget_device(&mut self) {
        self.refusals = vec![0];
        self.refused_new.clear();
        self.back = None;
        self.checks.clear();
    }

    pub(crate) fn login(&mut self, now: i64, why: Why, password: u8, said: Said) {
        let broken = self.ceilings(now).or_else(|| self.rests(now, why, password));
        let broken = broken.or_else(|| self.evidence(now, why));
        if let Some(broken) = broken {
            self.broken = Some(format!("{broken}; {why:?}"));
        }
        self.logins.push(Login { at: now, said, password });
    }

    /// B1: with this one.
    fn ceilings(&self, now: i64) -> Option<String> {
        let within = |span| self.since(now - span).count();
        let rejected = self.since(now - DAY).filter(|login| login.said == Said::Rejected).count();
        let (hour, day) = (within(HOUR) + 1, within(DAY) + 1);
        let over = hour > 4 || day > 10 || rejected >= 4;
        over.then(|| format!("B1: {hour} in an hour, {day} in a day, {rejected} rejected before"))
    }

    /// B1: what the last answer asks for.
    fn rests(&self, now: i64, why: Why, password: u8) -> Option<String> {
        let last = self.logins.last()?;
        if why == Why::Person && now - last.at >= MINUTE {
            return None;
        }
        let is_like = |login: &&Login| login.said == last.said && login.password == last.password;
        let in_a_row = self.logins.iter().rev().take_while(is_like).count();
        let rest = match last.said {
            Said::Rejected if last.password != password => 0,
            Said::Rejected => [5 * MINUTE, HOUR, 6 * HOUR, DAY][in_a_row.min(4) - 1],
            Said::Blocked => DAY,
            Said::OneTimeCode => i64::MAX,
            Said::Accepted | Said::Failed => 0,
        };
        (now - last.at < rest).then(|| format!("B1: {} s after {:?}", now - last.at, last.said))
    }

    /// B5, B6 and A5.
    fn evidence(&self, now: i64, why: Why) -> Option<String> {
        if why == Why::Person {
            return None;
        }
        if self.is_away {
            return Some("B5: the gateway is away".to_owned());
        }
        let rest = match self.refused_new.len() {
            0 => 0,
            1 => 15 * MINUTE,
            2 => HOUR,
            _ => 6 * HOUR,
        };
        if self.refused_new.last().is_some_and(|last| now - last < rest) {
            return Some(format!(
                "A5: new tokens were refused at {:?}, now {now}",
                self.refused_new
            ));
        }
        match why {
            // A clock that is believed may be wrong by a day.
            Why::Ending { left, life } if left > (30 * DAY).min(life / 3) + DAY => {
                Some(format!("B6: {left} s of {life} s are left"))
            }
            Why::Refused => self.definite(now),
            _ => None,
        }
    }

    fn definite(&self, now: i64) -> Option<String> {
        let (first, last) = (self.refusals.first()?, self.refusals.last()?);
        if last - first < MINUTE {
            return Some(format!("B5: refused {} s apart", last - first));
        }
        let (back, is_updated) = self.back?;
        let settled = if is_updated { 2 * MINUTE } else { 5 * MINUTE };
        (now - back < settled).then(|| format!("B5: {} s after an outage", now - back))
    }

    fn since(&self, begin: i64) -> impl Iterator<Item = &Login> {
        self.logins.iter().rev().take_while(move |login| login.at > begin)
    }
}
