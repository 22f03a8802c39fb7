//! `cargo xtask conformance` runs this: every case, and what came of them.
#![allow(clippy::print_stdout, reason = "a command line tool talks to its user")]

use conformance_oracle::{Differences, Program, Report, cases, compare};
use std::{process::ExitCode, time::Instant};

/// Generated modules and sequences, unless `CONFORMANCE_COUNT` says another number.
const COUNT: u64 = 150;

fn main() -> ExitCode {
    let count = std::env::var("CONFORMANCE_COUNT").ok().and_then(|text| text.parse().ok()).unwrap_or(COUNT);
    let (differences, mut report) = (Differences::committed(), Report::default());
    let mut part = |name: &str, run: &mut dyn FnMut(&mut Report)| {
        let (start, before) = (Instant::now(), report.cases);
        run(&mut report);
        println!("{:>7.1} s  {:>6} cases  {name}", start.elapsed().as_secs_f64(), report.cases - before);
    };
    part("host functions", &mut |report| {
        cases::all().iter().filter(|program| chosen(program)).for_each(|program| {
            differences.judge(compare(program), report);
        });
    });
    part("generated modules", &mut |report| {
        let programs = (0..).filter_map(cases::generated::program).take(count as usize);
        programs.for_each(|program| differences.judge(compare(&program), report));
    });
    part("generated sequences", &mut |report| {
        (0..count).for_each(|seed| differences.judge(compare(&cases::sequences::program(seed)), report));
    });
    let mut wrong = Vec::new();
    part("compiled contracts", &mut |report| match cases::contracts::cases() {
        Err(error) => wrong.push(format!("{error:#}")),
        Ok(cases) => {
            for case in cases {
                match case.compare() {
                    Ok(found) => differences.judge(found, report),
                    Err(error) => wrong.push(format!("{error:#}")),
                }
            }
        }
    });
    finish(&differences, &report, wrong)
}

/// Whether a program is to run: all are, unless `CONFORMANCE_ONLY` has a part of a name; then names are printed.
fn chosen(program: &Program) -> bool {
    let Ok(part) = std::env::var("CONFORMANCE_ONLY") else { return true };
    let chosen = program.name.contains(&part);
    if chosen {
        println!("{}", program.name);
    }
    chosen
}

fn finish(differences: &Differences, report: &Report, mut wrong: Vec<String>) -> ExitCode {
    for it in &report.different {
        wrong.push(format!(
            "{} step {} ({}): {}\n    reference: {} {}\n    tallow:    {} {}",
            it.program, it.step, it.label, it.what, it.reference.0, it.reference.1, it.tallow.0, it.tallow.1
        ));
    }
    for entry in differences.difference.iter().filter(|entry| !report.used.contains(&entry.id)) {
        wrong.push(format!("no case uses the difference {}", entry.id));
    }
    wrong.iter().for_each(|text| println!("{text}"));
    let Report { cases, equal, listed, errors, .. } = report;
    let different = cases - equal - listed;
    println!(
        "{cases} cases, {equal} equal ({errors} of them errors on both sides), {listed} listed, {different} different"
    );
    if wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
