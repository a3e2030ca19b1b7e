//! The faults that are on.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Fault, FaultError, FaultInfo};
use crate::{arguments, clock::signed, lock::lock, span::Span};

/// Which faults are on, by name.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    active: Mutex<BTreeMap<&'static str, Active>>,
    /// How often one was put on.
    count: AtomicU64,
}

/// Where and when something happens that a fault may change.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scene<'a> {
    /// The serial number of a gateway, or `enlighten`, `entrez`.
    pub(crate) place: &'a str,
    /// Without the query.
    pub(crate) path: &'a str,
    pub(crate) now: Timestamp,
}

#[derive(Debug, Clone)]
struct Active {
    fault: Fault,
    scope: Scope,
    since: Since,
    left: Option<u32>,
}

/// When a fault was set: the time, how many tokens had been made, and which one of all faults so far it was.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Since {
    pub(crate) at: Timestamp,
    pub(crate) tokens: u64,
    pub(crate) number: u64,
}

/// Where a fault holds. Empty: everywhere, always.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Scope {
    path: Option<String>,
    gateway: Option<String>,
    r#for: Option<Span>,
    times: Option<u32>,
}

impl Faults {
    /// Puts a fault on; the same one with other arguments is replaced.
    ///
    /// # Errors
    /// An unknown name, or arguments that it does not take.
    pub(crate) fn set(
        &self,
        name: &str,
        arguments: &Value,
        at: Timestamp,
        tokens: u64,
    ) -> Result<(Fault, Option<String>), FaultError> {
        let info = FaultInfo::named(name)?;
        let mut arguments = arguments::object(name, arguments)?;
        let scope = Scope::take(info, &mut arguments)?;
        let fault = Fault::parse(info, &arguments)?;
        let gateway = scope.gateway.clone();
        let since = Since { at, tokens, number: self.count.fetch_add(1, Ordering::Relaxed) };
        let active = Active { fault: fault.clone(), since, left: scope.times, scope };
        lock(&self.active).insert(info.name, active);
        Ok((fault, gateway))
    }

    /// Takes a fault off; false where it was not on.
    pub(crate) fn clear(&self, name: &str) -> Result<bool, FaultError> {
        let info = FaultInfo::named(name)?;
        Ok(lock(&self.active).remove(info.name).is_some())
    }

    /// Names of the faults that are on.
    pub(crate) fn names(&self) -> Vec<&'static str> {
        lock(&self.active).keys().copied().collect()
    }

    /// What the first fault that holds in this scene, and is one that `pick` wants, makes of it. Counts as one of its `times`.
    pub(crate) fn find<T>(
        &self,
        scene: Scene<'_>,
        pick: impl Fn(&Fault) -> Option<T>,
    ) -> Option<T> {
        self.find_since(scene, |fault, _| pick(fault))
    }

    /// The same for faults that depend on when they were set.
    pub(crate) fn find_since<T>(
        &self,
        scene: Scene<'_>,
        pick: impl Fn(&Fault, Since) -> Option<T>,
    ) -> Option<T> {
        let mut active = lock(&self.active);
        let mut holding = active.values_mut().filter(|active| active.holds(scene));
        holding.find_map(|active| active.picked(&pick))
    }

    /// What `pick` makes of each fault that holds in this scene, in the order in which they were set. Counts as one of the
    /// `times` of those that it wants.
    pub(crate) fn all<T>(
        &self,
        scene: Scene<'_>,
        pick: impl Fn(&Fault, Since) -> Option<T>,
    ) -> Vec<T> {
        let mut active = lock(&self.active);
        let mut holding: Vec<_> =
            active.values_mut().filter(|active| active.holds(scene)).collect();
        holding.sort_by_key(|active| active.since.number);
        holding.into_iter().filter_map(|active| active.picked(&pick)).collect()
    }

    /// Lets every fault that holds in this scene change a value. Does not count as one of their `times`.
    pub(crate) fn fold<T>(&self, scene: Scene<'_>, value: T, change: impl Fn(T, &Fault) -> T) -> T {
        let active = lock(&self.active);
        active
            .values()
            .filter(|active| active.holds(scene))
            .fold(value, |value, active| change(value, &active.fault))
    }

    /// Whether such a fault holds, for faults without arguments.
    pub(crate) fn on(&self, scene: Scene<'_>, fault: &Fault) -> bool {
        self.find(scene, |active| (active == fault).then_some(())).is_some()
    }
}

impl Active {
    /// What is made of it; counts where it is something.
    fn picked<T>(&mut self, pick: impl Fn(&Fault, Since) -> Option<T>) -> Option<T> {
        let picked = pick(&self.fault, self.since)?;
        self.left = self.left.map(|left| left - 1);
        Some(picked)
    }

    fn holds(&self, scene: Scene<'_>) -> bool {
        let over = self.scope.r#for.is_some_and(|span| scene.now >= self.since.at + signed(span.0));
        let spent = self.left == Some(0);
        let elsewhere = self.scope.gateway.as_deref().is_some_and(|gateway| gateway != scene.place);
        !over
            && !spent
            && !elsewhere
            && self.scope.path.as_deref().is_none_or(|path| matches(path, scene.path))
    }
}

fn matches(pattern: &str, path: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => path.starts_with(beginning),
        None => path == pattern,
    }
}

impl Scope {
    /// Takes the scope out of the arguments; the rest is the fault's own.
    fn take(info: &FaultInfo, arguments: &mut Map<String, Value>) -> Result<Self, FaultError> {
        let keys = ["path", "gateway", "for", "times"];
        let mut scope: Map<String, Value> =
            keys.iter().filter_map(|key| arguments.remove_entry(*key)).collect();
        // A serial number is text even where it was written like a number.
        if let Some(Value::Number(serial)) = scope.get("gateway") {
            let serial = serial.to_string();
            scope.insert("gateway".to_owned(), serial.into());
        }
        let mut scope: Self = serde_json::from_value(scope.into()).map_err(|problem| {
            FaultError::Arguments { name: info.name.to_owned(), problem: problem.to_string() }
        })?;
        scope.path = scope.path.or_else(|| info.path.map(str::to_owned));
        Ok(scope)
    }
}
