// What the API answers, as far as the page uses it. For the checker of types alone: nothing loads it.

interface Center { id: number; display_name: string; meta_tag_name: string; city: string; location: string }

interface Me { id: number; email: string; full_name: string; role: "team_lead" | "team_member" | "observer" }

/** What every page is given: who is signed in, all centers, and how to read both anew. */
interface World { me: Me; centers: Center[]; reload: () => Promise<void> }

/** Times are RFC 3339, in UTC. */
interface Lead {
  id: number; created_time: string; player_name: string | null; player_age_category: string | null;
  phone: string | null; phone_e164?: string | null; email: string | null; address: string | null;
  status: string; next_followup_date: string | null; center_id: number | null; source: string | null;
  campaign: string | null; trial_at: string | null; lost_reason: string | null;
  /** On Call next: the reason for which it is called. */
  why?: string;
  /** Of one lead that was asked for by its id. */
  version?: number; center_name?: string | null; household?: Lead[]; answers?: Record<string, string>;
  origin?: Record<string, string> | null;
}

/** A line of a lead's history. */
interface Line { id: number; at: string; kind: string; who: string | null; data: Record<string, any> }

interface Choices { sources: string[]; campaigns: string[]; age_categories: string[] }
