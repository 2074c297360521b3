use wsspec_cases::Target;
use wsspec_fuzz::campaign::Campaign;
use wsspec_fuzz::play::ReferenceEcho;
use wsspec_reference::{Config, Deviation, Deviations};
fn main() {
    let n: u64 = std::env::args().nth(1).map_or(20000, |n| n.parse().unwrap());
    for target in [Target::Server, Target::Client] {
        let t = std::time::Instant::now();
        let config = Config::default();
        let found = Campaign::new(target, 1).run(n, || ReferenceEcho::new(target, &config));
        println!("{target:?} lawful {:?}", t.elapsed());
        if let Some(f) = found { println!("{} {:?}\n{:#?}\n{}", f.number, f.played.judgement, f.conversation, f.played.judgement.reason); 
          println!("{}", serde_json::to_string_pretty(&f.case).unwrap());
          println!("{}", serde_json::to_string(&f.played.transcript).unwrap()); return; }
    }
    for target in [Target::Server, Target::Client] {
        for d in Deviation::ALL {
            let f = d.facts();
            if f.role.is_some_and(|r| (r == wsspec_reference::Role::Client) != (target == Target::Client)) { continue }
            let config = Config { deviations: Deviations::NONE.with(*d), ..Config::default() };
            let t = std::time::Instant::now();
            let found = Campaign::new(target, 1).run(n, || ReferenceEcho::new(target, &config));
            match found { Some(x) => println!("{target:?} {} {} {:?} {:?}", f.name, x.number, t.elapsed(), x.played.judgement.broken), None => println!("{target:?} {:?} {} MISSED", f.family, f.name) }
        }
    }
}
