//! What a device and its token have become since somebody last looked.

use anyhow::Result;
use hallpass_enphase::{Role, Update, last_update};
use hallpass_store::Device;
use hallpass_transport::KeyPin;

use crate::{context::Context, means::held_token};

/// What was known of a device, to tell what is new.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Known {
    update: Option<Update>,
    role: Option<Role>,
}

/// Something that is told once.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Change {
    /// The gateway has another firmware.
    Update(Box<Update>),
    /// Its token may do other things than the one before. What worked may be refused from now on.
    Role { from: Role, to: Role },
    /// It has a key for the first time, which is trusted unseen.
    FirstKey(KeyPin),
}

impl Known {
    /// What is stored, before a device is read.
    pub(crate) async fn of(context: &Context, device: &Device) -> Result<Self> {
        let update = last_update(&context.state.records, device.serial_number()).await?;
        let held = held_token(context, device).await?;
        Ok(Self { update, role: held.map(|held| held.credential.role().clone()) })
    }

    /// Takes in how it is now, and says what has changed.
    pub(crate) fn now(&mut self, update: Option<Update>, role: Option<&Role>) -> Vec<Change> {
        let mut changes = Vec::new();
        if let Some(update) = update.filter(|update| self.update.as_ref() != Some(update)) {
            changes.push(Change::Update(Box::new(update.clone())));
            self.update = Some(update);
        }
        if let Some(to) = role.filter(|role| self.role.as_ref() != Some(*role))
            && let Some(from) = self.role.replace(to.clone())
        {
            changes.push(Change::Role { from, to: to.clone() });
        }
        changes
    }
}

impl Change {
    /// It in a sentence, about the device of this name.
    pub(crate) fn words(&self, name: &str) -> String {
        match self {
            Self::Update(update) => format!("{name}: {update}"),
            Self::FirstKey(key) => format!(
                "{name} was updated to a firmware with a certificate: its first key {key} is \
                 trusted from now on, as `--trust-new` has allowed"
            ),
            Self::Role { from, to } => format!(
                "{name}: the token has the role {to} now, no longer {from}: \
                 reading goes on, what only {from}s may do is refused"
            ),
        }
    }

    /// Writes it down for a person.
    pub(crate) async fn audit(&self, context: &Context, device: &Device) -> Result<()> {
        let (event, detail) = match self {
            Self::Update(update) => ("updated", update.to_string()),
            Self::Role { from, to } => ("role changed", format!("{from} -> {to}")),
            Self::FirstKey(key) => ("first key trusted", key.to_string()),
        };
        let now = context.clock.now();
        context.state.audit(now, device.serial_number(), event, detail).await
    }
}

/// Tells a person what has changed, and writes it down.
pub(crate) async fn tell(context: &Context, device: &Device, changes: &[Change]) -> Result<()> {
    for change in changes {
        let words = change.words(device.name().as_str());
        match change {
            Change::Update(_) => context.output.note(words),
            Change::Role { .. } | Change::FirstKey(_) => context.output.warning(words),
        }
        change.audit(context, device).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
