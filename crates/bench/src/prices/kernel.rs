//! One kernel, and the contract that repeats it.

/// Code whose price is put to the test.
#[derive(Clone)]
pub(crate) struct Kernel {
    pub(crate) name: String,
    /// Declared pages of memory: at the start, and at most.
    pub(crate) pages: (u32, u32),
    /// Functions, tables, globals, segments.
    pub(crate) items: String,
    /// Imports of host functions beside `input`.
    pub(crate) imports: String,
    /// Locals beside `$n`.
    pub(crate) locals: String,
    /// What runs once, before it.
    pub(crate) setup: String,
    /// What is repeated.
    pub(crate) body: String,
    /// Repetitions that the body already holds.
    pub(crate) unrolled: u32,
    /// Repetitions of the body at most, where a limit of a call ends them.
    pub(crate) most: u32,
    /// Another contract, at [`super::world::CALLEE`].
    pub(crate) callee: Option<String>,
    pub(crate) way: Way,
}

/// What is measured of a kernel.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// A repetition of the body.
    Body,
    /// A whole message, which runs the body once.
    Message,
    /// A second of gas of the setup, which never ends.
    Endless,
}

impl Kernel {
    /// A kernel on two pages of memory.
    pub(crate) fn new(name: impl Into<String>, body: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            pages: (2, 16),
            items: String::new(),
            imports: String::new(),
            locals: String::new(),
            setup: String::new(),
            body: body.into(),
            unrolled: 1,
            most: u32::MAX,
            callee: None,
            way: Way::Body,
        }
    }

    /// A kernel that repeats code whose input and output is the top of the stack.
    pub(crate) fn chain(name: impl Into<String>, ty: &str, first: &str, step: &str) -> Self {
        const STEPS: usize = 64;
        Self::new(name, format!("local.get $x {} local.set $x", step.repeat(STEPS)))
            .unrolled(STEPS as u32)
            .locals(&format!("(local $x {ty})"))
            .setup(&format!("(local.set $x ({first}))"))
    }

    pub(crate) fn pages(self, initial: u32, maximum: u32) -> Self {
        Self { pages: (initial, maximum), ..self }
    }
    pub(crate) fn items(self, items: impl Into<String>) -> Self {
        Self { items: items.into(), ..self }
    }
    pub(crate) fn imports(self, imports: impl Into<String>) -> Self {
        Self { imports: imports.into(), ..self }
    }
    pub(crate) fn locals(self, locals: &str) -> Self {
        Self { locals: self.locals + locals, ..self }
    }
    pub(crate) fn setup(self, setup: &str) -> Self {
        Self { setup: self.setup + setup, ..self }
    }
    pub(crate) fn unrolled(self, unrolled: u32) -> Self {
        Self { unrolled, ..self }
    }
    pub(crate) fn most(self, most: u32) -> Self {
        Self { most, ..self }
    }
    pub(crate) fn callee(self, callee: impl Into<String>) -> Self {
        Self { callee: Some(callee.into()), ..self }
    }
    pub(crate) fn whole(self) -> Self {
        Self { way: Way::Message, ..self }
    }
    pub(crate) fn endless(name: &str, body: &str) -> Self {
        Self { way: Way::Endless, setup: body.into(), ..Self::new(name, "") }
    }
    /// A local that the compiler cannot know: its bytes are read from memory.
    pub(crate) fn unknown(self, local: &str, ty: &str, bytes: &[u8]) -> Self {
        let at = 160 + 16 * (self.items.matches("(data (i32.const").count());
        let text: String = bytes.iter().map(|byte| format!("\\{byte:02x}")).collect();
        let items = format!("{}(data (i32.const {at}) \"{text}\")", self.items);
        Self { items, ..self }
            .locals(&format!("(local {local} {ty})"))
            .setup(&format!("(local.set {local} ({ty}.load (i32.const {at})))"))
    }

    /// The contract: its input is the number of repetitions.
    pub(crate) fn wat(&self) -> String {
        let Self { pages: (initial, maximum), items, imports, locals, setup, body, .. } = self;
        format!(
            r#"(module {imports} (import "seal0" "input" (func $input (param i32 i32)))
            (import "env" "memory" (memory {initial} {maximum})) {items}
            (func (export "deploy"))
            (func (export "call") (local $n i32) {locals}
                (i32.store (i32.const 8) (i32.const 4)) (call $input (i32.const 0) (i32.const 8))
                (local.set $n (i32.load (i32.const 0)))
                {setup}
                (block $end (loop $again
                    (br_if $end (i32.eqz (local.get $n)))
                    {body}
                    (local.set $n (i32.sub (local.get $n) (i32.const 1)))
                    (br $again)))))"#
        )
    }
}
