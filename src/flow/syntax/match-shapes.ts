import { MatchShape, type ShapeField } from '../../model/packed-match.js';

/**
 * Finds the shape of a match while its fields are read, in whatever order they are written: a step along the tree for each field, and
 * the same steps come to the same shape.
 */
export class ShapeNode {
  readonly #fields: readonly ShapeField[];
  readonly #root: ShapeNode;
  readonly #exact: (ShapeNode | undefined)[] = [];
  readonly #ranges: (ShapeNode | undefined)[] = [];
  /** By field, then mask. */
  readonly #masked: (Map<bigint, ShapeNode> | undefined)[] = [];
  #shape: MatchShape | undefined;
  #count = 1;

  constructor(fields: readonly ShapeField[], root?: ShapeNode) {
    this.#fields = fields;
    this.#root = root ?? this;
  }

  /** Nodes below a root, itself included. */
  get count(): number {
    return this.#count;
  }

  /** Of the fields on the way here. */
  get shape(): MatchShape {
    return (this.#shape ??= new MatchShape([...this.#fields].sort((a, b) => a.number - b.number)));
  }

  /** @param field matched as a whole, as in the other two, which say what is different. */
  exact(field: ShapeField): ShapeNode {
    return (this.#exact[field.number] ??= this.#grow(field));
  }

  range(field: ShapeField): ShapeNode {
    return (this.#ranges[field.number] ??= this.#grow({ ...field, range: true }));
  }

  masked(field: ShapeField, mask: bigint): ShapeNode {
    const masks = (this.#masked[field.number] ??= new Map<bigint, ShapeNode>());
    const found = masks.get(mask) ?? this.#grow({ ...field, mask });
    masks.set(mask, found);
    return found;
  }

  #grow({ name, number, mask, range, bytes }: ShapeField): ShapeNode {
    this.#root.#count++;
    return new ShapeNode([...this.#fields, { name, number, mask, range, bytes }], this.#root);
  }
}
