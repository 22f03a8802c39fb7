//! Binding of Rust functions as host functions, once for commands and once for queries.

use crate::{
    frame::Frame,
    gas::{self, SLICE_FUEL},
    stop::Stop,
};
use std::{collections::BTreeSet, future::Future, pin::Pin, task::Poll};
use wasmtime::{Caller, Linker, WasmRet, WasmTy, WasmTyList};

/// The host functions.
pub(crate) struct Linkers {
    /// Plain calls: a command runs without a pause.
    pub(crate) command: Linker<Frame>,
    /// Every host function is a place where a query whose time slice is over lets others run. The runtime's own yields
    /// are not enough: charging a host function's price begins a new interval of fuel. There, what the function wrote is
    /// counted, too.
    pub(crate) query: Linker<Frame>,
    names: BTreeSet<(String, String)>,
}

impl Linkers {
    /// Linkers without functions.
    pub(crate) fn new(engine: &wasmtime::Engine) -> Self {
        Self { command: Linker::new(engine), query: Linker::new(engine), names: BTreeSet::new() }
    }

    /// Whether contracts may import this.
    pub(crate) fn knows(&self, module: &str, name: &str) -> bool {
        self.names.contains(&(module.to_owned(), name.to_owned()))
    }

    /// What contracts may import: module and name, in order.
    pub(crate) fn names(&self) -> impl Iterator<Item = (&str, &str)> {
        self.names.iter().map(|(module, name)| (module.as_str(), name.as_str()))
    }

    /// Defines a function that contracts may import, also under its ink! 3 name.
    pub(crate) fn define<P>(
        &mut self,
        module: &str,
        name: &str,
        function: impl HostFn<P>,
    ) -> wasmtime::Result<&mut Self> {
        self.define_only(module, &format!("seal_{name}"), function)?.define_only(module, name, function)
    }

    /// Defines a function under one name alone.
    pub(crate) fn define_only<P>(
        &mut self,
        module: &str,
        name: &str,
        function: impl HostFn<P>,
    ) -> wasmtime::Result<&mut Self> {
        function.bind(self, module, name)?;
        self.names.insert((module.to_owned(), name.to_owned()));
        Ok(self)
    }

    /// As [`Linkers::define`], for a function that may suspend.
    pub(crate) fn define_async<P: WasmTyList + 'static>(
        &mut self,
        module: &str,
        name: &str,
        function: AsyncFn<P>,
    ) -> wasmtime::Result<&mut Self> {
        self.define_async_only(module, &format!("seal_{name}"), function)?.define_async_only(module, name, function)
    }

    /// As [`Linkers::define_only`], for a function that may suspend.
    pub(crate) fn define_async_only<P: WasmTyList + 'static>(
        &mut self,
        module: &str,
        name: &str,
        function: AsyncFn<P>,
    ) -> wasmtime::Result<&mut Self> {
        for linker in [&mut self.command, &mut self.query] {
            linker.func_wrap_async(module, name, move |host, parameters: P| {
                let result = function(host, parameters);
                Box::new(async move { Ok::<u32, wasmtime::Error>(result.await?) })
            })?;
        }
        self.names.insert((module.to_owned(), name.to_owned()));
        Ok(self)
    }

    /// Defines a function that only rewritten code imports.
    pub(crate) fn define_internal<P>(
        &mut self,
        (module, name): (&str, &str),
        function: impl HostFn<P>,
    ) -> wasmtime::Result<()> {
        function.bind(self, module, name)
    }
}

/// What a suspending host function returns.
pub(crate) type Suspending<'a> = Pin<Box<dyn Future<Output = Result<u32, Stop>> + Send + 'a>>;

/// A suspending host function.
pub(crate) type AsyncFn<P> = for<'a> fn(Caller<'a, Frame>, P) -> Suspending<'a>;

/// A host function of parameters `P`.
pub(crate) trait HostFn<P>: Copy + Send + Sync + 'static {
    /// Defines it in both linkers.
    fn bind(self, linkers: &mut Linkers, module: &str, name: &str) -> wasmtime::Result<()>;
}

macro_rules! host_fn {
    ($($p:ident)*) => {
        #[allow(non_snake_case, unused_parens, reason = "type names serve as variable names of every arity")]
        impl<F, R, $($p,)*> HostFn<($($p,)*)> for F
        where
            F: Fn(&mut Caller<'_, Frame>, $($p),*) -> Result<R, Stop> + Copy + Send + Sync + 'static,
            R: Send + 'static,
            Result<R, wasmtime::Error>: WasmRet,
            $($p: WasmTy + Send + 'static,)*
        {
            fn bind(self, linkers: &mut Linkers, module: &str, name: &str) -> wasmtime::Result<()> {
                linkers.command.func_wrap(module, name, move |mut host: Caller<'_, Frame>, $($p: $p),*| {
                    self(&mut host, $($p),*).map_err(wasmtime::Error::from)
                })?;
                linkers.query.func_wrap_async(module, name, move |mut host, ($($p,)*): ($($p,)*)| {
                    Box::new(async move {
                        let result = self(&mut host, $($p),*).map_err(wasmtime::Error::from)?;
                        host.data_mut().session().count_writes().map_err(Stop::from)?;
                        let over = gas::left(&host).is_ok_and(|left| host.data_mut().slice_over(left));
                        if over {
                            pause().await;
                        }
                        Ok::<R, wasmtime::Error>(result)
                    })
                })?;
                Ok(())
            }
        }
    };
}

host_fn!();
host_fn!(A);
host_fn!(A B);
host_fn!(A B C);
host_fn!(A B C D);
host_fn!(A B C D E);
host_fn!(A B C D E G);

/// Lets the driver run others.
pub(crate) async fn pause() {
    let mut paused = false;
    std::future::poll_fn(|_| if std::mem::replace(&mut paused, true) { Poll::Ready(()) } else { Poll::Pending }).await;
}

const _: () = assert!(SLICE_FUEL > 0, "a slice of nothing would never end");
