/** Answers of the API whose schemas are inside their routes. */
export interface HealthView {
  readonly ports: { readonly open: number; readonly failed: number; readonly linkDown: number };
}
