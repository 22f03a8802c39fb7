// Before the first paint, so that the page does not flash in the other colours.
try {
  const theme = localStorage.getItem("tallow.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // storage is closed to this page: the system's colours it is
}
