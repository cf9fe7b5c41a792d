// The pages of the navigation, and who sees them.

/** @type {[string, string, boolean?][]} The page, its icon, and whether only team leads see it. */
const ENTRIES = [
  ["next", "phone-call"],
  ["leads", "users"],
  ["board", "square-kanban"],
  ["reports", "chart-column"],
  ["imports", "upload", true],
  ["intake", "inbox", true],
  ["settings", "settings", true],
];

/**
 * Return the pages that someone sees; on a phone, those that are `secondary` are behind "More".
 * @param {Me} me
 */
export function entriesFor(me) {
  return ENTRIES.filter(([, , forLeads]) => !forLeads || me.role === "team_lead").map(
    ([name, icon, forLeads]) => ({ name, icon, secondary: Boolean(forLeads) }),
  );
}
