// How lists of leads are read page by page.

/** @type {(limit: number) => PageSource<LeadRow, LeadPage>} */
export const leadPages = (limit) => ({
  path: "/leads/",
  limit,
  items: (page) => page.leads,
  next: (page) => (page.next === null ? null : { after: page.next }),
});
