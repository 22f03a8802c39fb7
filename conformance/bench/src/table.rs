//! The tables, and the same figures for the report.

use crate::{calls, host_calls, kernels, measure::geometric_mean, report::Report, start};

/// Picoseconds of a millisecond.
const PS_PER_MS: f64 = 1e9;
/// Bytes to which figures of uploads are scaled.
const HUNDRED_K: f64 = 100_000.0;
/// Gas for each real picosecond, at least. There is no most: gas is priced by the worst case (ADR 0022).
const GAS_RATIO_MIN: f64 = 0.5;

/// Compute kernels.
pub(crate) fn kernels(report: &mut Report, figures: &[kernels::Figures]) {
    println!("\nkernels: CPU milliseconds, x = times native");
    println!("{:<24} {:>9} {:>17} {:>17} {:>20} {:>9}", "", "native", "query", "command", "pallet / command", "gas/ps");
    let (mut query, mut command) = (Vec::new(), Vec::new());
    for figure in figures {
        let (slow_query, slow_command) = (figure.query_ms / figure.native_ms, figure.command_ms / figure.native_ms);
        query.push(slow_query);
        command.push(slow_command);
        let name = figure.name;
        report.add(&format!("{name}/native_ms"), figure.native_ms, "ms");
        report.add(&format!("{name}/query_ms"), figure.query_ms, "ms");
        report.add(&format!("{name}/command_ms"), figure.command_ms, "ms");
        report.add(&format!("{name}/query_ratio"), slow_query, "x");
        report.add(&format!("{name}/command_ratio"), slow_command, "x");
        let pallet = pallet(report, name, &figure.pallet_ms, figure.command_ms);
        let gas = gas_ratio(report, name, figure.gas as f64, figure.command_ms * PS_PER_MS);
        let Figure { native_ms, query_ms, command_ms, .. } = figure;
        println!(
            "{name:<24} {native_ms:>9.3} {query_ms:>9.3} {slow_query:>6.2}x {command_ms:>9.3} {slow_command:>6.2}x {pallet:>20} {gas:>9}"
        );
    }
    let (query, command) = (geometric_mean(&query), geometric_mean(&command));
    println!(
        "{:<24} {:>9} {:>9} {query:>6.2}x {:>9} {command:>6.2}x  (<= 1.6x, <= 1.9x)",
        "geometric mean", "", "", ""
    );
    report.add("kernels/query_ratio_geomean", query, "x");
    report.add("kernels/command_ratio_geomean", command, "x");
}

use kernels::Figures as Figure;

fn pallet(report: &mut Report, name: &str, pallet_ms: &Result<f64, String>, ours_ms: f64) -> String {
    match pallet_ms {
        Ok(pallet_ms) => {
            let times = pallet_ms / ours_ms;
            report.add(&format!("{name}/pallet_ms"), *pallet_ms, "ms");
            report.add(&format!("{name}/pallet_ratio"), times, "x");
            format!("{pallet_ms:.3} {times:>6.1}x")
        }
        Err(reason) => {
            report.absent(&format!("{name}/pallet_ms"), reason);
            reason.clone()
        }
    }
}

/// Gas for each real picosecond.
fn gas_ratio(report: &mut Report, name: &str, gas: f64, real_ps: f64) -> String {
    let ratio = gas / real_ps;
    report.add(&format!("{name}/ref_time_ratio"), ratio, "x");
    let mark = if ratio >= GAS_RATIO_MIN { "" } else { " !" };
    format!("{ratio:.2}{mark}")
}

/// Calls that compute little.
pub(crate) fn calls(report: &mut Report, figures: &[calls::Figures]) {
    println!(
        "\ncalls: CPU microseconds of the engine, x = times slower than a command, gas for each picosecond with that of the \
         state"
    );
    println!("{:<24} {:>9} {:>9} {:>20} {:>9}", "", "query", "command", "pallet / command", "gas/ps");
    for calls::Figures { name, query_ms, command_ms, pallet_ms, gas, state_ps } in figures {
        report.add(&format!("{name}/query_ms"), *query_ms, "ms");
        report.add(&format!("{name}/command_ms"), *command_ms, "ms");
        pallet(report, name, &Ok(*pallet_ms), *command_ms);
        let gas = gas_ratio(report, name, *gas as f64, command_ms * PS_PER_MS + state_ps);
        let [query, command, pallet] = [query_ms, command_ms, pallet_ms].map(|ms| ms * 1e3);
        println!("{name:<24} {query:>9.2} {command:>9.2} {pallet:>12.2} {:>6.1}x {gas:>9}", pallet / command);
    }
}

/// Gas of host functions.
pub(crate) fn host_calls(report: &mut Report, figures: &[host_calls::Figures]) {
    println!(
        "\nhost functions: nanoseconds in engine and state, gas, gas for each picosecond of both and of the engine"
    );
    for host_calls::Figures { name, gas, engine_ps, state_ps } in figures {
        let ratio = gas_ratio(report, &format!("host/{name}"), *gas, engine_ps + state_ps);
        let (engine, state) = (engine_ps / 1e3, state_ps / 1e3);
        println!("{name:<24} {engine:>12.1} {state:>9.1} {gas:>14.0} {ratio:>9} {:>9.2}", gas / engine_ps);
    }
}

/// What a contract costs once.
pub(crate) fn start(report: &mut Report, figures: &start::Figures) {
    println!("\nonce for each contract, milliseconds of wall time (of CPU time)");
    for start::Upload { name, bytes, wall_ms, cpu_ms } in &figures.uploads {
        let [wall, cpu] = [wall_ms, cpu_ms].map(|ms| ms * HUNDRED_K / *bytes as f64);
        println!("{name:<30} {wall_ms:>9.3} ({cpu_ms:.3}) for {bytes} bytes: {wall:.0} ({cpu:.0}) for each 100,000");
        report.add(&format!("upload/{name}_ms"), *wall_ms, "ms");
        report.add(&format!("upload/{name}_cpu_ms"), *cpu_ms, "ms");
        report.add(&format!("upload/{name}_bytes"), *bytes as f64, "B");
        if *name == "ink" {
            report.add("upload_100k_ms", wall, "ms");
            report.add("upload_100k_cpu_ms", cpu, "ms");
        }
    }
    for (name, value) in [
        ("engine_start_ms", figures.engine_ms),
        ("first_call_after_restart_ms", figures.first_call_ms),
        ("later_call_ms", figures.later_call_ms),
    ] {
        println!("{name:<30} {value:>9.3}");
        report.add(name, value, "ms");
    }
}
