//! The oracle is worth something: it covers every host function, and finds faults.

use conformance_oracle::{Comparison, Differences, Program, Report, cases, compare_with, functions, script};
use std::collections::BTreeSet;
use tallow_engine::{Engine, EngineConfig, Fault};

fn config() -> EngineConfig {
    EngineConfig { max_instances: Some(256), ..EngineConfig::default() }
}

/// Everything but the generated programs, and some of those.
fn programs() -> Vec<Program> {
    let mut programs = cases::all();
    programs.extend((0..20).map(cases::sequences::program));
    programs
}

#[test]
fn every_host_function_has_cases() {
    let engine = Engine::new(config()).expect("an engine");
    let linked: BTreeSet<_> = engine.host_functions().map(|(module, name)| format!("{module}.{name}")).collect();
    let listed = functions::FUNCTIONS.iter().chain(functions::OURS);
    let names = listed.flat_map(|(module, name, _, _, aliased)| {
        let alias = aliased.then(|| format!("{module}.seal_{name}"));
        std::iter::once(format!("{module}.{name}")).chain(alias)
    });
    assert_eq!(linked, names.collect::<BTreeSet<_>>(), "the engine links what the cases cover");

    // The arguments of each function are varied under each of its names; the functions of ours have an upload each.
    let programs: BTreeSet<_> = cases::all().into_iter().map(|program| program.name).collect();
    for (module, name, _, _, aliased) in functions::FUNCTIONS {
        assert!(programs.contains(&format!("arguments of {module}.{name}")));
        assert_eq!(programs.contains(&format!("arguments of {module}.seal_{name}")), *aliased);
    }
    for (module, name, ..) in functions::OURS {
        assert!(programs.contains(&format!("import of {module}.{name}")));
    }
}

#[test]
fn scripts_call_what_they_say() {
    let called = script::Script::new().store(b"k", b"v").show();
    assert_eq!(called.calls(), [functions::number("seal2.set_storage")]);
}

/// Whether the suite finds something that is not listed.
fn catches(engine: &Engine) -> Option<String> {
    let differences = Differences::committed();
    programs().into_iter().find_map(|program| {
        let mut report = Report::default();
        let found: Comparison = compare_with(&program, std::slice::from_ref(engine));
        differences.judge(found, &mut report);
        (!report.different.is_empty()).then_some(program.name)
    })
}

#[test]
fn each_seeded_fault_is_caught() {
    let right = Engine::new(config()).expect("an engine");
    assert_eq!(catches(&right), None, "without a fault nothing is found");
    for fault in Fault::ALL {
        let wrong = Engine::with_fault(config(), fault).expect("an engine");
        assert!(catches(&wrong).is_some(), "{fault:?} is not caught");
    }
}

#[test]
fn differences_are_few_and_exact() {
    let differences = Differences::committed();
    for entry in &differences.difference {
        assert!(entry.what == "output" || entry.reference != entry.tallow || entry.what != "outcome", "{}", entry.id);
    }
}
