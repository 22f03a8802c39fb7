mod bundles;
mod calls;
mod layouts;
mod published;
mod random;
mod texts;
