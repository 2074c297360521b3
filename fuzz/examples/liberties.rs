use wsspec_cases::Target;
use wsspec_fuzz::campaign::Campaign;
use wsspec_fuzz::play::ReferenceEcho;
use wsspec_reference::{Config, Liberty, Liberties};
fn main() {
    let n: u64 = std::env::args().nth(1).map_or(20000, |n| n.parse().unwrap());
    let only = std::env::args().nth(2);
    for target in [Target::Server, Target::Client] {
        for d in Liberty::ALL {
            let f = d.facts();
            if only.as_deref().is_some_and(|o| o != f.name) { continue }
            if f.role.is_some_and(|r| (r == wsspec_reference::Role::Client) != (target == Target::Client)) { continue }
            let config = Config { liberties: Liberties::NONE.with(*d), ..Config::default() };
            let found = Campaign::new(target, 1).run(n, || ReferenceEcho::new(target, &config));
            if let Some(f2) = found { println!("{target:?} {:?} {} {} {:?} {} {}", f.group, f.name, f2.number, f2.played.judgement.closing, f2.played.judgement.reason, f2.played.judgement.observed);
              if only.is_some() { 
          println!("reason: {}", f2.played.judgement.reason); 
          println!("{}", serde_json::to_string_pretty(&f2.case).unwrap());
          println!("{}", serde_json::to_string(&f2.played.transcript).unwrap()); return; }
            }
        }
    }
}
