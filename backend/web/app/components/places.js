// Where one can go.

/** The page, its icon, and whether a team lead alone can go there.
 * @type {[string, string, boolean?][]} */
const PLACES = [
  ["next", "phone-call"], ["leads", "users"], ["board", "square-kanban"], ["figures", "chart-column"],
  ["imports", "upload", true], ["captures", "inbox", true], ["settings", "settings", true],
];

/** @returns {{ name: string, icon: string, seldom: boolean }[]} `seldom`: on a phone, behind 'more' */
export function placesOf(me) {
  return PLACES.filter(([, , manages]) => !manages || me.role === "team_lead")
    .map(([name, icon, manages]) => ({ name, icon, seldom: Boolean(manages) }));
}
