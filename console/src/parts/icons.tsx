/** The few signs that are used; none says anything that the text beside it does not. */

export function Flame() {
  return (
    <svg className="flame" viewBox="0 0 32 32" width="24" height="24" aria-hidden="true">
      <rect x="11" y="14" width="10" height="16" rx="2" fill="var(--wax)" />
      <path d="M16 1c4 5 5 7 5 9a5 5 0 0 1-10 0c0-2 1-4 5-9z" fill="#e08a1e" />
      <path d="M16 6c2 2.500 2.500 3.500 2.500 4.700a2.500 2.500 0 0 1-5 0c0-1.200.5-2.200 2.500-4.700z" fill="#ffd98a" />
    </svg>
  );
}

const PATHS = {
  proven: "M3.500 8.500l3 3 6-7",
  pending: "M8 4v4.500l3 1.500",
  caution: "M8 4v5M8 11.500v.5",
} as const;

export function Mark({ state }: { state: keyof typeof PATHS }) {
  return (
    <svg className={`mark ${state}`} viewBox="0 0 16 16" width="20" height="20" aria-hidden="true">
      <circle cx="8" cy="8" r="7.250" />
      <path d={PATHS[state]} />
    </svg>
  );
}
