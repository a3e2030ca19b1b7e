//! Documents of many flat keys: settings and states, where the reading names each key once.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{Document, Flag, Named, Number, Text};
use crate::reading::Missing;

/// An object whose values are looked up by their key.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(transparent)]
pub(crate) struct ObjectBuf(Map<String, Value>);

/// The same, borrowed. Its values are lenient; where there is none, the key that has none is told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Object<'a>(&'a Map<String, Value>);

impl ObjectBuf {
    pub(crate) fn as_object(&self) -> Object<'_> {
        Object(&self.0)
    }
}

impl<'a> Object<'a> {
    /// The number under `key`, in its unit.
    pub(crate) fn decimal<U: From<f64>>(self, key: &'static str) -> Result<U, Missing> {
        self.leaf(key, Number::value)
    }

    /// The number under `key`, in its unit, to an integer, half to even.
    pub(crate) fn integer<U: From<i64>>(self, key: &'static str) -> Result<U, Missing> {
        self.leaf(key, Number::rounded)
    }

    pub(crate) fn text(self, key: &'static str) -> Result<String, Missing> {
        self.leaf(key, |text: Text| text.value())
    }

    pub(crate) fn flag(self, key: &'static str) -> Result<bool, Missing> {
        self.leaf(key, Flag::value)
    }

    /// Whether the text under `key` is `text`.
    pub(crate) fn says(self, key: &str, text: &str) -> bool {
        self.0.get(key).and_then(Value::as_str) == Some(text)
    }

    /// The object under `key`, if there is anything in it.
    pub(crate) fn object(self, key: &'static str) -> Result<Self, Missing> {
        let object = self.0.get(key).and_then(Value::as_object);
        object.filter(|object| !object.is_empty()).map(Self).ok_or(Missing(key))
    }

    /// The objects in the list under `key`.
    pub(crate) fn objects(self, key: &'static str) -> Result<Vec<Self>, Missing> {
        let list = self.0.get(key).and_then(Value::as_array).ok_or(Missing(key))?;
        Ok(list.iter().filter_map(Value::as_object).map(Self).collect())
    }

    /// The texts in the list under `key`, as far as there are any.
    pub(crate) fn texts(self, key: &'static str) -> Vec<String> {
        let list = self.0.get(key).and_then(Value::as_array);
        let texts = list.into_iter().flatten().filter_map(Value::as_str);
        texts.map(str::to_owned).collect()
    }

    /// What is under `key`, whatever it is but null.
    pub(crate) fn any(self, key: &'static str) -> Result<&'a Value, Missing> {
        self.0.get(key).filter(|value| !value.is_null()).ok_or(Missing(key))
    }

    fn leaf<L, V, U>(
        self,
        key: &'static str,
        value: impl FnOnce(L) -> Option<V>,
    ) -> Result<U, Missing>
    where
        L: Default + DeserializeOwned,
        U: From<V>,
    {
        let leaf = self.0.get(key).and_then(|leaf| L::deserialize(leaf).ok()).unwrap_or_default();
        value(leaf).map(U::from).ok_or(Missing(key))
    }
}

/// In a list, told by its `type`.
impl Named for ObjectBuf {
    fn has_name(&self) -> bool {
        self.as_object().text("type").is_ok()
    }
}

/// A document that is one object.
pub(crate) trait Keyed: Document {
    fn as_object(&self) -> Object<'_>;
}

/// Declares an object that is told from any other by one of its keys.
macro_rules! document {
    ($(#[$doc:meta])* $name:ident, $($key:literal)|+) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Deserialize)]
        #[serde(transparent)]
        pub(crate) struct $name(ObjectBuf);

        impl Keyed for $name {
            fn as_object(&self) -> Object<'_> {
                self.0.as_object()
            }
        }

        impl Document for $name {
            fn says_nothing(&self) -> bool {
                [$($key),+].iter().all(|key| self.as_object().any(key).is_err())
            }
        }
    };
}

document!(
    /// `/ivp/ensemble/secctrl`.
    Aggregate, "ENC_agg_soc" | "agg_soc"
);
document!(
    /// `/ivp/ensemble/power`; the colon is part of the key.
    PowerReport, "devices:" | "devices"
);
impl PowerReport {
    pub(crate) fn devices(&self) -> Vec<Object<'_>> {
        let report = self.as_object();
        let devices = report.objects("devices:").or_else(|_| report.objects("devices"));
        devices.unwrap_or_default()
    }
}

document!(
    /// `/ivp/ensemble/dry_contacts` and `/ivp/ss/dry_contact_settings`.
    DryContacts, "dry_contacts"
);
impl DryContacts {
    pub(crate) fn relays(&self) -> Vec<Object<'_>> {
        self.as_object().objects("dry_contacts").unwrap_or_default()
    }
}

document!(
    /// `/admin/lib/tariff`.
    TariffReport, "tariff"
);
document!(
    /// `/ivp/ensemble/generator`.
    GeneratorState, "admin_state" | "oper_state"
);
document!(
    /// `/ivp/ss/gen_config`.
    GeneratorConfig, "gen_type" | "max_cont_gen_amps"
);
document!(
    /// `/ivp/ss/gen_schedule`.
    GeneratorSchedule, "exercise_config" | "default_soc" | "schedule"
);
document!(
    /// `/ivp/ss/gen_mode`.
    GeneratorMode, "gen_cmd"
);
document!(
    /// `/home`.
    Home, "network"
);
