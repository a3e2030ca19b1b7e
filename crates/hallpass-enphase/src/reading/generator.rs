//! The standby generator.

use serde::Serialize;
use serde_json::Value;

use super::{Amperes, Minutes, Missing, Percent};
use crate::wire::Object;

/// How the generator stands. Source: `/ivp/ensemble/generator`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Generator {
    /// `open` or `close`: what its relay should be. Source: `admin_state`.
    pub admin_state: String,
    /// `open` or `close`: what its relay is. Source: `oper_state`.
    pub oper_state: String,
    /// A code of the gateway's. Source: `admin_mode`.
    pub admin_mode: i64,
    /// A code of the gateway's. Source: `schedule`.
    pub schedule: i64,
    /// Charge at which it starts. Source: `start_soc`.
    pub start_soc: Percent,
    /// Charge at which it stops, -1 for never. Source: `stop_soc`.
    pub stop_soc: Percent,
    /// Whether it exercises now, as a code. Source: `exc_on`.
    pub exc_on: i64,
    /// Whether there is one. Source: `present`.
    pub present: bool,
    /// A code of the gateway's. Source: `type`.
    #[serde(rename = "type")]
    pub kind: i64,
}

impl TryFrom<Object<'_>> for Generator {
    type Error = Missing;

    fn try_from(state: Object<'_>) -> Result<Self, Missing> {
        Ok(Self {
            admin_state: state.text("admin_state")?,
            oper_state: state.text("oper_state")?,
            admin_mode: state.integer("admin_mode")?,
            schedule: state.integer("schedule")?,
            start_soc: state.decimal("start_soc")?,
            stop_soc: state.decimal("stop_soc")?,
            exc_on: state.integer("exc_on")?,
            present: state.flag("present")?,
            kind: state.integer("type")?,
        })
    }
}

/// What the generator is. Source: `/ivp/ss/gen_config`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct GeneratorConfig {
    /// The most it gives for long. Source: `max_cont_gen_amps`.
    pub max_cont_gen_amps: Amperes,
    /// Source: `min_gen_loading_perc`.
    pub min_gen_loading_perc: Percent,
    /// Source: `max_gen_efficiency_perc`.
    pub max_gen_efficiency_perc: Percent,
    /// Kilowatts, in spite of the name: 22.0 for a set of 22 kW. Source: `name_plate_rating_wat`.
    pub name_plate_rating_wat: f64,
    /// Such as `Auto`. Source: `start_method`.
    pub start_method: String,
    /// Source: `warm_up_mins`.
    pub warm_up_mins: Minutes,
    /// Source: `cool_down_mins`.
    pub cool_down_mins: Minutes,
    /// Such as `Standby`. Source: `gen_type`.
    pub gen_type: String,
    /// Source: `model`.
    pub model: String,
    /// Source: `manufacturer`.
    pub manufacturer: String,
    /// Who changed this last. Source: `last_updated_by`.
    pub last_updated_by: String,
    /// Source: `generator_id`.
    pub generator_id: String,
    /// Whether it charges the batteries. Source: `charge_from_generator`.
    pub charge_from_generator: bool,
}

impl TryFrom<Object<'_>> for GeneratorConfig {
    type Error = Missing;

    fn try_from(config: Object<'_>) -> Result<Self, Missing> {
        Ok(Self {
            max_cont_gen_amps: config.decimal("max_cont_gen_amps")?,
            min_gen_loading_perc: config.decimal("min_gen_loading_perc")?,
            max_gen_efficiency_perc: config.decimal("max_gen_efficiency_perc")?,
            name_plate_rating_wat: config.decimal("name_plate_rating_wat")?,
            start_method: config.text("start_method")?,
            warm_up_mins: config.integer("warm_up_mins")?,
            cool_down_mins: config.integer("cool_down_mins")?,
            gen_type: config.text("gen_type")?,
            model: config.text("model")?,
            manufacturer: config.text("manufacturer")?,
            last_updated_by: config.text("last_updated_by")?,
            generator_id: config.text("generator_id")?,
            charge_from_generator: config.flag("charge_from_generator")?,
        })
    }
}

/// When the generator runs by itself. Source: `/ivp/ss/gen_schedule`. Where no exercise is set up
/// the gateway has none of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct GeneratorSchedule {
    /// Source: `exercise_config.freq_in_weeks`.
    pub exercise_freq_in_weeks: i64,
    /// After midnight. Source: `exercise_config.start`.
    pub exercise_start: Minutes,
    /// Source: `exercise_config.duration`.
    pub exercise_duration: Minutes,
    /// `Mon` to `Sun`. Source: `exercise_config.day`.
    pub exercise_day: String,
    /// Charge at which it starts. Source: `default_soc.start_soc`.
    pub default_start_soc: Percent,
    /// Charge at which it stops. Source: `default_soc.stop_soc`.
    pub default_stop_soc: Percent,
    /// Who changed this last. Source: `last_updated_by`.
    pub last_updated_by: String,
    /// As the gateway writes it. Source: `schedule`.
    pub schedule: Value,
}

impl TryFrom<Object<'_>> for GeneratorSchedule {
    type Error = Missing;

    fn try_from(document: Object<'_>) -> Result<Self, Missing> {
        let exercise = document.object("exercise_config")?;
        let charge = document.object("default_soc")?;
        Ok(Self {
            exercise_freq_in_weeks: exercise.integer("freq_in_weeks")?,
            exercise_start: exercise.integer("start")?,
            exercise_duration: exercise.integer("duration")?,
            exercise_day: exercise.text("day")?,
            default_start_soc: charge.decimal("start_soc")?,
            default_stop_soc: charge.decimal("stop_soc")?,
            last_updated_by: document.text("last_updated_by")?,
            schedule: document.any("schedule")?.clone(),
        })
    }
}

/// Whether the generator is on. Source: `/ivp/ss/gen_mode`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct GeneratorMode {
    /// `off`, `on` or `auto`. Source: `gen_cmd`.
    pub gen_cmd: String,
    /// Who changed this last. Source: `last_updated_by`.
    pub last_updated_by: String,
}

impl TryFrom<Object<'_>> for GeneratorMode {
    type Error = Missing;

    fn try_from(mode: Object<'_>) -> Result<Self, Missing> {
        Ok(Self { gen_cmd: mode.text("gen_cmd")?, last_updated_by: mode.text("last_updated_by")? })
    }
}
