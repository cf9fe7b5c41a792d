// What the API answers, as far as the web app uses it. For the type checker only: nothing loads it.
// Times are RFC 3339 in UTC.

interface Center {
  id: number;
  display_name: string;
  meta_tag_name: string;
  city: string;
  location: string;
  archived?: boolean;
  merged_into?: number;
}

/** A merge (`merge`), or a reverted alias (`alias`). */
interface CenterChange {
  id: number;
  kind: string;
  center_id: number;
  into_id: number | null;
  text: string | null;
  who: string | null;
  at: string;
  undone: boolean;
}

interface Unseen {
  unseen: number;
  newest: number | null;
}

interface AlertRow {
  id: number;
  kind: string;
  at: string;
  count: number;
  seen: boolean;
  lead_id: number | null;
  player_name: string | null;
  center_id: number | null;
}

interface MessageRow {
  id: number;
  kind: string;
  created_at: string;
  message: string | null;
  person: string | null;
}

type RoleName = "team_lead" | "team_member" | "observer";

interface User {
  id: number;
  email: string;
  full_name: string;
  role: RoleName;
  disabled: boolean;
  center_ids: number[];
}

/** `released`: the change that gave their open leads to others. */
interface ChangedUser extends User {
  released: { id: number; changed: number } | null;
}

interface Me extends User {
  may_export: boolean;
  /** The academy's, as IANA names it: `Asia/Kolkata`. */
  timezone: string;
}

interface LeadRow {
  id: number;
  created_time: string;
  player_name: string | null;
  player_age_category: string | null;
  phone: string | null;
  phone_e164: string | null;
  email: string | null;
  address: string | null;
  status: string;
  next_followup_date: string | null;
  center_id: number | null;
  source: string | null;
  campaign: string | null;
  is_test: boolean;
  trial_at: string | null;
  lost_reason: string | null;
  phone_issue: string | null;
  phone_extension: string | null;
  phone_shown: string | null;
  do_not_contact: boolean;
  trial_outcome: string | null;
  lost_reason_text: string | null;
  attempts: number;
  last_attempt_at: string | null;
  last_outcome: string | null;
  unreachable_since: string | null;
  wrong_phone: string | null;
  owner_id: number | null;
  owner: string | null;
  call_by: string | null;
  handed_over_at: string | null;
  handed_over_from: string | null;
}

/** A person who may own leads: of which centers; null is all. */
interface Owner {
  id: number;
  full_name: string;
  center_ids: number[] | null;
}

/** A lead is kept from others for so long from now. */
interface Claim {
  lead_id: number;
  until: string;
  seconds: number;
}

/** An erased lead: what is kept of it is destroyed at `destroy_at`. */
interface Erasure {
  id: number;
  lead_id: number;
  center_id: number | null;
  erased_at: string;
  erased_by: number | null;
  destroy_at: string;
  destroyed_at: string | null;
}

interface LeadDetail extends LeadRow {
  version: number;
  consents: Consent[];
  birth_date: string | null;
  center_name: string | null;
  household: LeadRow[];
  answers: Record<string, string>;
  origin: Record<string, string | null> | null;
  phones: string[];
  phones_shown: string[];
  phone_message: string | null;
}

/** The answer to an edit; `edit_id` undoes it. */
interface EditedLead extends LeadDetail {
  edit_id: number | null;
}

/** Something that one has done; the web app adds leads that were skipped. */
interface Action {
  kind: "call" | "edit" | "bulk" | "list" | "merge" | "skip";
  id: number;
  at: string;
  lead_id: number | null;
  name: string | null;
  leads: number;
  outcome: string | null;
  fields: string[];
  to: Record<string, string | number | null>;
  can_undo: boolean;
  why_not: "undone" | "changed" | "merged" | "gone" | null;
}

interface ActionPage {
  actions: Action[];
  next: string | null;
}

/** A lead in the call queue, with the reason to call it now. */
interface QueuedLead extends LeadRow {
  why: string;
  version: number;
}

interface LeadPage {
  leads: LeadRow[];
  next: string | null;
}

interface CallQueue {
  leads: QueuedLead[];
  counts: Record<string, number>;
  unreachable: number;
}

/** What an event changed: a value, or a value for each field. */
interface EventChange {
  from: string | number | null;
  to: string | number | null;
}

interface HistoryEvent {
  id: number;
  at: string;
  kind: string;
  who: string | null;
  data: Record<string, unknown>;
}

/** An event of the audit trail; `data` has ids, codes and numbers. */
interface AuditEvent {
  id: number;
  at: string;
  event: string;
  user_id: number | null;
  user_name: string | null;
  subject: string | null;
  subject_id: number | null;
  address: string | null;
  data: Record<string, unknown>;
}

/** What is read from a phone while someone types it. */
interface PhoneCheck {
  e164: string | null;
  shown: string | null;
  extension: string | null;
  others: string[];
  others_shown: string[];
  issue: string | null;
}

interface FilterOptions {
  sources: string[];
  campaigns: string[];
  age_categories: string[];
  phone_issues: string[];
}

interface PossibleDuplicate {
  id: number;
  player_name: string | null;
  phone: string | null;
  phone_shown: string | null;
}

interface DuplicatePair {
  email: string | null;
  first: PossibleDuplicate;
  second: PossibleDuplicate;
  reasons: { code: string; message: string }[];
}

type MergeSide = "this" | "other";

interface MergeField {
  name: string;
  this: string | number | null;
  other: string | number | null;
  proposed: MergeSide;
  choices: MergeSide[];
}

/** Two leads before a merge; `this` is the one that is kept. */
interface MergePreview {
  this: LeadDetail;
  other: LeadDetail;
  fields: MergeField[];
  owners: Record<string, string>;
  marked_not_duplicates: boolean;
}

interface Measures {
  leads: number;
  called: number;
  trial: number;
  attended: number;
  joined: number;
  lost: number;
}

interface CallCounts {
  attempts: number;
  conversations: number;
}

interface Report {
  from: string;
  to: string;
  days: { day: string; source: string | null; leads: number }[];
  funnel: { stage: string; count: number }[];
  first_call: { within: string; count: number }[];
  first_call_average_s: number | null;
  centers: (Measures & { center_id: number | null })[];
  campaigns: (Measures & { campaign: string | null })[];
  reasons: { reason: string | null; count: number }[];
  calls: CallCounts & {
    days: (CallCounts & { day: string })[];
    centers: (CallCounts & { center_id: number | null })[];
    people: (CallCounts & { user_id: number | null; full_name: string | null })[];
  };
  missed: MissedCounts & { days: (MissedCounts & { day: string })[] };
}

interface MissedCounts {
  first_call: number;
  follow_up: number;
}

/** What a person did in a period, and what they have to do now. */
interface PersonReport extends CallCounts {
  user_id: number;
  full_name: string;
  trial: number;
  attended: number;
  joined: number;
  lost: number;
  called: number;
  within_5m: number;
  within_1h: number;
  first_call_average_s: number | null;
  first_call_median_s: number | null;
  owned: number;
  overdue: number;
  no_next_step: number;
}

interface LivePerson extends CallCounts {
  user_id: number;
  full_name: string;
  present: boolean | null;
  in_hand: { lead_id: number; player_name: string | null }[];
  last_at: string | null;
}

interface LiveCenter {
  center_id: number | null;
  new: number;
  oldest: { lead_id: number; player_name: string | null; created_time: string } | null;
  overdue: number;
  missed_targets: number | null;
}

/** What happens now. */
interface Live {
  people: LivePerson[];
  centers: LiveCenter[];
  deliveries: number | null;
}

interface Import {
  id: number;
  state: string;
  filename: string;
  created_at: string;
  columns: string[];
  mapping: Record<string, string>;
  rows_done: number;
  rows_total: number | null;
  totals: Record<string, number>;
  problem: { code: string; message: string } | null;
  fields: Record<string, string[]>;
  statuses: StatusText[];
  doubts: Record<string, number>;
  layout: ImportLayout | null;
}

/** A sheet of a file; `rows` is about how many are below its header. */
interface ImportSheet {
  name: string;
  header_row: number;
  rows: number;
  columns: string[];
  is_hidden: boolean;
  is_taken: boolean;
  has_same_columns: boolean;
  offset: number;
}

/** How the dates of a column are read, and what settled it. */
interface DateColumn {
  column: string;
  field: string;
  order: string;
  basis: string;
  example: string | null;
  read_as: string | null;
  against: string[];
}

/** Which table of a file was read. */
interface ImportLayout {
  header_row: number;
  sheets: ImportSheet[];
  dates: DateColumn[];
  formulas?: { column: string; cells: number; row: number }[];
}

/** A text of the column of statuses, and the status that it stands for. */
interface StatusText {
  text: string;
  status: string | null;
  rows: number;
}

/** What an undo of an import would do. */
interface UndoPreview {
  leads_to_remove: number;
  leads_to_restore: number;
  leads_to_keep: number;
}

/** Why a row has its verdict: a code, the server's text, and what that names. */
interface RowReason {
  code: string;
  message: string;
  lead_id?: number;
  row?: number;
  column?: string;
  status?: string;
  center?: string;
  before?: string;
}

interface PlannedImport extends Import {
  proposed: string[];
}

interface ImportRow {
  row: number;
  verdict: string;
  reasons: RowReason[];
  lead_id: number | null;
  fields: Record<string, string | null>;
  columns: Record<string, string>;
}

interface UndoneImport {
  state: string;
  leads_removed: number;
  kept: { lead_id: number }[];
}

interface DeliveryRow {
  id: number;
  source: string;
  state: string;
  received_at: string;
  /** A code, and the server's text with its details. */
  reason: string | null;
  message: string | null;
  lead_id: number | null;
  form_id: string | null;
  center_text: string | null;
}

interface Delivery extends DeliveryRow {
  body: string;
  fetched: string | null;
  /** What the body says, where it is kept as base64. */
  text: string | null;
}

interface UnknownCenter {
  text: string;
  count: number;
  oldest: string;
  similar: { center_id: number; score: number }[];
  archived_center_id: number | null;
}

interface FacebookPage {
  id: string;
  center_id: number | null;
  forms: number;
}

interface Consent {
  key: string;
  text: string | null;
  granted: boolean;
  at: string;
  id: number;
  channel: string | null;
  version: string | null;
  withdrawn_at: string | null;
}

interface MetaForm {
  id: string;
  questions: { question: string; field: string | null }[];
  mapping: Record<string, string>;
  newest_lead_at: string | null;
  center_id: number | null;
  page_id: string | null;
  name: string | null;
}

interface IntakeHealth {
  graph: { open: boolean; reason: string | null; message: string | null };
  backfill: { reason: string; message: string } | null;
  states: Record<string, number>;
  oldest_waiting: string | null;
  failed: number;
  silent_forms: { form_id: string; newest_lead_at: string; usual_gap_seconds: number }[];
  new_forms: { form_id: string; name: string | null; seen_at: string }[];
  graph_version: { version: string; message: string | null };
  webhook_open: boolean;
}

interface Onboarding {
  centers: number;
  people: number;
  leads: boolean;
  imports: boolean;
  meta: { webhook_path: string; verify_token: string | null; last_delivery_at: string | null };
  webhook: { is_open: boolean; token_is_set: boolean; token: string | null };
}

interface MetaCheck {
  ok: boolean;
  checks: { name: string; ok: boolean; message: string }[];
}

/** A WhatsApp text, for all centers or for one; for leads with a status, or with any. */
interface MessageText {
  id: number;
  label: string;
  message: string;
  status: string | null;
  center_id: number | null;
  archived: boolean;
}

/** A WhatsApp text, filled in for one lead. */
interface FilledText {
  id: number;
  label: string;
  message: string;
}

/** The answer to a GET, by its path. */
interface Answers {
  "/users/me": Me;
  "/users/": User[];
  "/centers/": Center[];
  "/leads/": LeadPage;
  "/leads/next": CallQueue;
  "/actions/": ActionPage;
  "/leads/counts": { statuses: Record<string, number>; unreachable: number };
  "/leads/phone-check": PhoneCheck;
  "/leads/filter-options": FilterOptions;
  "/leads/owners": Owner[];
  "/leads/total": { total: number; more: boolean };
  "/list-changes/": ListChange[];
  "/saved-views/": SavedView[];
  "/saved-views/counts": ViewCount[];
  "/leads/duplicates/": DuplicatePair[];
  "/reports/": Report;
  "/reports/live": Live;
  "/reports/people": { from: string; to: string; people: PersonReport[] };
  "/imports/": Import[];
  "/alerts/": AlertRow[];
  "/alerts/unseen": Unseen;
  "/users/me/push": { key: string };
  "/users/me/alerts": { summaries: boolean; can_email: boolean };
  "/outbox/": MessageRow[];
  "/deliveries/": DeliveryRow[];
  "/deliveries/health": IntakeHealth;
  "/deliveries/unknown-centers/": UnknownCenter[];
  "/forms/": MetaForm[];
  "/pages/": FacebookPage[];
  "/centers/changes/": CenterChange[];
  "/centers/aliases/": { text: string; center_id: number; created_at: string }[];
  "/audit/": AuditEvent[];
  "/message-texts/": MessageText[];
  "/calling-rules/": CallingRules;
  "/choices/": ChoiceLists;
  "/choices/leads": { leads: number };
  "/opening-hours/": Opening[];
  "/presence/": Present[];
  "/presence/me": Presence;
  "/assignment-rules/": AssignmentRule[];
  "/erasures/": Erasure[];
  "/onboarding/": Onboarding;
  "/users/me/second-factor": FactorState;
  "/users/me/passkeys": { host: string; passkeys: MyPasskey[] };
}

/** Hours in which parents are called: the academy's day, and the moments. */
interface Opening {
  day: string;
  begins: string;
  ends: string;
}

/** The hours of each day, Monday first, by the academy's clocks. */
type Week = { opens: string; closes: string }[][];

interface Holiday {
  id: number;
  label: string;
  first_day: string;
  last_day: string;
  center_id: number | null;
}

/** In minutes of opening hours; 0 is no target. */
interface Targets {
  first_call_minutes: number | null;
  follow_up_minutes: number | null;
}

interface RulesOfCenter extends Targets {
  center_id: number;
  week: Week | null;
  retry_plan: string[] | null;
}

/** An entry of a list. Without an id it can't be edited. */
interface Choice {
  id: number | null;
  text: string;
}

/** `own`: a team lead has edited it. `center_id` is null for the list of all centers. */
interface ChoiceList {
  kind: "lost_reason" | "age_group" | "source";
  center_id: number | null;
  own: boolean;
  entries: Choice[];
}

interface ChoiceLists {
  lists: ChoiceList[];
}

interface CallingRules extends Targets {
  week: Week;
  retry_plan: string[];
  centers: RulesOfCenter[];
  holidays: Holiday[];
}

interface Leave {
  id: number;
  user_id: number;
  first_day: string;
  last_day: string;
  label: string | null;
}

/** When a person works, and whether they are away just now. */
interface Presence {
  user_id: number;
  away: boolean;
  away_until: string | null;
  week: Week | null;
  leave: Leave[];
}

/** A person who may own leads, and the centers where they are present. */
interface Present {
  id: number;
  full_name: string;
  center_ids: number[] | null;
  present_at: number[];
  away: boolean;
  away_until: string | null;
  on_leave: boolean;
}

/** Who gets leads by a rule; `cap` is the most leads a day. */
interface Share {
  user_id: number;
  weight: number;
  cap: number | null;
}

/** Which leads a rule is for; an empty list is for all. */
interface Conditions {
  sources: string[];
  platforms: string[];
  campaigns: string[];
  age_categories: string[];
  question: string | null;
  answers: string[];
}

interface AssignmentRule {
  id: number;
  center_id: number | null;
  conditions: Conditions;
  shares: (Share & { given_today: number })[];
  active: boolean;
  since: string;
}

/** A passkey of the person who is signed in. */
interface MyPasskey {
  id: number;
  label: string;
  created_at: string;
  last_used_at: string | null;
}

interface FactorState {
  enabled: boolean;
  required: boolean;
  recovery_codes: number;
  passkeys: number;
}

/** What an authenticator app needs; `qr` has the rows of a QR code, as 0 and 1. */
interface NewFactor {
  secret: string;
  uri: string;
  qr: string[];
}

/** A one-time link with which a person chooses a password. */
interface PasswordLink {
  user_id: number;
  path: string;
  expires_at: string;
  sent: boolean;
  problem: string | null;
}

/** A sign-in that is still good. */
interface SignInSession {
  id: number;
  device: string;
  address: string;
  created_at: string;
  last_used_at: string;
  ends_at: string;
  current: boolean;
  passkey: boolean;
}

type Answer<Path extends string> = Path extends keyof Answers
  ? Answers[Path]
  : Path extends `/users/${string}/presence`
    ? Presence
    : Path extends `/users/${string}/sessions`
      ? SignInSession[]
      : Path extends `/list-changes/${string}`
        ? ListChange
        : Path extends `/leads/${string}/calls/`
          ? { next_try: string | null }
          : Path extends `/leads/${string}/message-texts/`
            ? FilledText[]
            : Path extends `/leads/${string}/history`
              ? HistoryEvent[]
              : Path extends `/leads/${string}/merge?other_id=${string}`
                ? MergePreview
                : Path extends `/leads/${string}`
                  ? LeadDetail
                  : Path extends `/imports/${string}/undo`
                    ? UndoPreview
                    : Path extends `/imports/${string}/rows`
                      ? ImportRow[]
                      : Path extends `/imports/${string}`
                        ? Import
                        : Path extends `/deliveries/${string}`
                          ? Delivery
                          : Path extends `/centers/${string}/aliases`
                            ? { text: string }[]
                            : Path extends `/centers/${string}/aliases/use`
                              ? { leads: number; worked_on: number[] }
                              : Path extends `/centers/${string}/use`
                                ? Record<string, number>
                                : never;

/** The answer to a POST, by its path. */
type PostAnswer<Path extends string> = Path extends
  "/users/invitations" | `/users/${string}/password-link`
  ? PasswordLink
  : Path extends "/users/me/second-factor"
    ? NewFactor
    : Path extends
          | "/users/me/second-factor/confirm"
          | "/users/me/second-factor/recovery-codes"
          | "/users/me/passkeys"
      ? { recovery_codes: string[] }
      : Path extends `/password-links/${"show" | "use"}`
        ? { email: string; full_name: string }
        : Path extends `/leads/${string}/claim`
          ? Claim
          : Path extends `/leads/${string}/${"calls" | "edits"}/${string}`
            ? { id: number; lead: LeadDetail }
            : Path extends `/leads/${string}/erase` | `/erasures/${string}/destroy`
              ? Erasure
              : Path extends "/leads/"
                ? { lead: LeadDetail; joined: boolean }
                : Path extends "/leads/bulk"
                  ? { id: number | null; changed: number }
                  : Path extends "/list-changes/" | `/list-changes/${string}/undo`
                    ? ListChange
                    : Path extends `/leads/bulk/${string}/undo`
                      ? { restored: number; kept: number[] }
                      : Path extends `/leads/merges/${string}/undo`
                        ? { lead: LeadDetail; restored: LeadDetail }
                        : Path extends `/leads/${string}/merge`
                          ? { id: number; lead: LeadDetail }
                          : Path extends "/imports/"
                            ? PlannedImport
                            : Path extends `/imports/${string}/undo`
                              ? UndoneImport
                              : Path extends `/imports/${string}/commit`
                                ? Import
                                : Path extends "/onboarding/meta-check"
                                  ? MetaCheck
                                  : Path extends
                                        | `/deliveries/${string}/${"retry" | "place"}`
                                        | "/deliveries/unknown-centers/"
                                    ? { reopened: number }
                                    : Path extends `/centers/changes/${string}/undo`
                                      ? { restored: number; kept: number[] }
                                      : Path extends `/centers/${string}/aliases/revert`
                                        ? { id: number; moved: number; kept: number[] }
                                        : Path extends `/centers/${string}/merge`
                                          ? { id: number; moved: number }
                                          : Path extends "/token"
                                            ? SignedIn
                                            : Path extends "/alerts/seen"
                                              ? Unseen
                                              : Path extends "/choices/"
                                                ? Choice & { id: number }
                                                : Path extends "/choices/own"
                                                  ? ChoiceLists
                                                  : Path extends `/choices/${string}/leads`
                                                    ? {
                                                        id: number | null;
                                                        changed: number;
                                                        left: number;
                                                      }
                                                    : unknown;

/** A change of a whole list. The counts are of leads. */
interface ListChange {
  id: number;
  at: string;
  ended_at: string | null;
  state: "changing" | "changed" | "undoing" | "undone" | "failed";
  deletes: boolean;
  total: number;
  done: number;
  changed: number;
  unchanged: number;
  skipped: number;
  restored: number;
  kept: number;
  problem: string | null;
}

/** A list of leads with a name. */
interface SavedView {
  id: number;
  name: string;
  query: string;
  shared: boolean;
  center_id: number | null;
  mine: boolean;
}

interface ViewCount {
  id: number;
  count: number | null;
  more: boolean;
}

interface SignedIn {
  access_token: string;
  role: RoleName;
}
