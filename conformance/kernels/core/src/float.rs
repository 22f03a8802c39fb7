//! Floating-point numbers of 64 bits, with basic operations alone, so that both sides agree to the last bit.

use crate::{mix, next};
use alloc::{vec, vec::Vec};

/// Rows and columns of the matrices.
const SIDE: usize = 256;

fn matrix_of(state: &mut u64) -> Vec<f64> {
    (0..SIDE * SIDE).map(|_| (next(state) >> 40) as f64 / 1_048_576.0).collect()
}

/// Product of two matrices, row by row.
pub(crate) fn matrix(seed: u64) -> u64 {
    let mut state = seed;
    let (left, right) = (matrix_of(&mut state), matrix_of(&mut state));
    let mut product = vec![0.0; SIDE * SIDE];
    for (row, out) in left.chunks_exact(SIDE).zip(product.chunks_exact_mut(SIDE)) {
        for (factor, line) in row.iter().zip(right.chunks_exact(SIDE)) {
            for (sum, value) in out.iter_mut().zip(line) {
                *sum += factor * value;
            }
        }
    }
    product.iter().step_by(97).fold(0, |sum, value| mix(sum, value.to_bits()))
}

/// Bodies that attract each other.
const BODIES: usize = 5;
const STEPS: usize = 50_000;
const STEP_TIME: f64 = 0.001;

#[derive(Clone, Copy)]
struct Body {
    place: [f64; 3],
    speed: [f64; 3],
    mass: f64,
}

fn bodies(seed: u64) -> [Body; BODIES] {
    let mut state = seed;
    let mut number = || (next(&mut state) >> 40) as f64 / 16_777_216.0 - 0.5;
    let mut bodies = [Body { place: [0.0; 3], speed: [0.0; 3], mass: 30.0 }; BODIES];
    for (index, body) in bodies.iter_mut().enumerate().skip(1) {
        let far = index as f64 * 6.0;
        *body = Body {
            place: [far + number(), number(), number()],
            speed: [number() / 8.0, 4.0 / far + number() / 8.0, number() / 8.0],
            mass: 0.01 + number().abs() / 100.0,
        };
    }
    bodies
}

/// A gravitational system, step by step.
pub(crate) fn nbody(seed: u64) -> u64 {
    let mut bodies = bodies(seed);
    for _ in 0..STEPS {
        for first in 0..BODIES {
            for second in first + 1..BODIES {
                attract(&mut bodies, first, second);
            }
        }
        for body in &mut bodies {
            for axis in 0..3 {
                body.place[axis] += STEP_TIME * body.speed[axis];
            }
        }
    }
    bodies.iter().flat_map(|body| body.place).fold(0, |sum, place| mix(sum, place.to_bits()))
}

#[allow(clippy::needless_range_loop, reason = "the formula as it is written, for three vectors")]
#[inline(always)]
fn attract(bodies: &mut [Body; BODIES], first: usize, second: usize) {
    let mut between = [0.0; 3];
    let mut square = 0.0;
    for axis in 0..3 {
        between[axis] = bodies[first].place[axis] - bodies[second].place[axis];
        square += between[axis] * between[axis];
    }
    let pull = STEP_TIME / (square * square_root(square));
    let (one, other) = (bodies[first].mass * pull, bodies[second].mass * pull);
    for axis in 0..3 {
        bodies[first].speed[axis] -= between[axis] * other;
        bodies[second].speed[axis] += between[axis] * one;
    }
}

/// The correctly rounded square root, an instruction on both sides; `core` names it for vectors alone.
#[cfg(target_arch = "wasm32")]
fn square_root(value: f64) -> f64 {
    use core::arch::wasm32::{f64x2_extract_lane, f64x2_splat, f64x2_sqrt};
    f64x2_extract_lane::<0>(f64x2_sqrt(f64x2_splat(value)))
}

#[cfg(not(target_arch = "wasm32"))]
fn square_root(value: f64) -> f64 {
    extern crate std;
    value.sqrt()
}

/// Pixels of a side of the picture.
const PIXELS: usize = 256;
const ROUNDS_MAX: u32 = 256;

/// Escape times of the Mandelbrot set.
pub(crate) fn mandelbrot(seed: u64) -> u64 {
    let shift = (seed % 16) as f64 / 4_096.0;
    let place = |pixel: usize| pixel as f64 * (2.5 / PIXELS as f64);
    let rows = (0..PIXELS)
        .map(|row| (0..PIXELS).map(|column| u64::from(escape(place(column) - 2.0 + shift, place(row) - 1.25))).sum());
    rows.fold(0, mix)
}

fn escape(re: f64, im: f64) -> u32 {
    let (mut x, mut y) = (0.0, 0.0);
    for round in 0..ROUNDS_MAX {
        let (xx, yy): (f64, f64) = (x * x, y * y);
        if xx + yy > 4.0 {
            return round;
        }
        y = 2.0 * x * y + im;
        x = xx - yy + re;
    }
    ROUNDS_MAX
}
