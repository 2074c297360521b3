#![allow(missing_docs)]
use wsspec_cases::Target;
use wsspec_fuzz::campaign::Campaign;
use wsspec_fuzz::play::ReferenceEcho;
use wsspec_reference::Config;
fn main() {
    for target in [Target::Server, Target::Client] {
    let endpoint = || ReferenceEcho::new(target, &Config::default());
    if let Some(found) = Campaign::new(target, 1).run(100000, endpoint) {
        let f = found.shrink(2000, endpoint);
        println!("{}", serde_json::to_string_pretty(&f.case()).unwrap());
        let (p, _) = wsspec_fuzz::campaign::hold(&f.conversation, &mut endpoint());
        println!("{:?}", p.judgement);
        for e in &p.transcript.entries { println!("{}", serde_json::to_string(e).unwrap()); }
        return;
    } }
}
