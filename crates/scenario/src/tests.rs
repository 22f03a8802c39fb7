mod cases;
mod contract;
mod expectations;
mod files;
mod reports;
mod steps;
