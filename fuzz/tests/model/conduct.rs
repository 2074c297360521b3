//! The ways in which the reference implementation conducts itself, for the tests here.

use wsspec_cases::Target;
use wsspec_reference::{Config, Deviation, Deviations, Family, Liberties, Liberty, Role};

/// A lawful conduct, or one with a deviation or a liberty.
pub(crate) struct Conduct {
    /// `lawful`, the name of a deviation, or that of a liberty behind `liberty:`.
    pub(crate) name: String,
    /// What makes the reference implementation behave so.
    pub(crate) config: Config,
}

fn role(target: Target) -> Role {
    match target {
        Target::Client => Role::Client,
        _ => Role::Server,
    }
}

/// No departure, and no liberty.
pub(crate) fn lawful() -> Conduct {
    Conduct {
        name: "lawful".into(),
        config: Config::default(),
    }
}

/// Those with a deviation that shows behind the opening handshake.
pub(crate) fn deviations(target: Target) -> Vec<Conduct> {
    let role = role(target);
    let shows = |deviation: &&Deviation| {
        let facts = deviation.facts();
        let elsewhere = [
            Family::ServerHandshake,
            Family::ClientHandshake,
            Family::Compression,
        ];
        facts.role.is_none_or(|only| only == role) && !elsewhere.contains(&facts.family)
    };
    let conduct = |deviation: &Deviation| Conduct {
        name: deviation.name().into(),
        config: Config {
            deviations: Deviations::NONE.with(*deviation),
            ..Config::default()
        },
    };
    Deviation::ALL.iter().filter(shows).map(conduct).collect()
}

/// Those with a liberty.
pub(crate) fn liberties(target: Target) -> Vec<Conduct> {
    let role = role(target);
    let fits = |liberty: &&Liberty| liberty.facts().role.is_none_or(|only| only == role);
    let conduct = |liberty: &Liberty| Conduct {
        name: format!("liberty:{}", liberty.name()),
        config: Config {
            liberties: Liberties::NONE.with(*liberty),
            ..Config::default()
        },
    };
    Liberty::ALL.iter().filter(fits).map(conduct).collect()
}
