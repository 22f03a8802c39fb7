/** Light, dark, or as the system has it. */

import { useState } from "react";

type Theme = "system" | "light" | "dark";
const THEMES: Theme[] = ["system", "light", "dark"];
/** The same key as in `public/theme.js`, which applies it before the first paint. */
const KEY = "tallow.theme";

function current(): Theme {
  const theme = document.documentElement.dataset.theme;
  return theme === "light" || theme === "dark" ? theme : "system";
}

function apply(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    if (theme === "system") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme);
  } catch {
    // it lasts as long as the page
  }
}

export function ThemeSwitch() {
  const [theme, setTheme] = useState(current);
  const choose = (chosen: Theme) => {
    apply(chosen);
    setTheme(chosen);
  };
  return (
    <fieldset className="segments">
      <legend className="unseen">Colours</legend>
      {THEMES.map((one) => (
        <label key={one}>
          <input type="radio" name="theme" value={one} checked={theme === one} onChange={() => choose(one)} />
          <span>{one === "system" ? "System" : one === "light" ? "Light" : "Dark"}</span>
        </label>
      ))}
    </fieldset>
  );
}
