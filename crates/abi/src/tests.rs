mod bundles;
mod calls;
mod layouts;
mod random;
mod texts;
