/**
 * TypeBox schemas as JSON Schema of two dialects: 2020-12 as OpenAPI 3.1 has it, and draft 7 as AsyncAPI 3.0 has it.
 *
 * Invariants: a schema that has a name stands once, below its name, and is referred to everywhere else; what `nullable`
 * marks becomes a type that includes null; fields whose name ends in a unit carry it as `x-unit`.
 */
import type { TSchema } from "@sinclair/typebox";
import { unitOfName } from "./unit-of-name.ts";

/** Which words of JSON Schema are used. */
export type Dialect = "2020-12" | "draft-07";

/** A schema, or a part of one, as plain JSON. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

/** A schema with a name. */
export interface NamedSchema {
  readonly schema: TSchema;
  /** In one sentence, what it is. */
  readonly says: string;
}

const REFERENCE = "#/components/schemas/";

/** Writes schemas and remembers which names were used. */
export class SchemaWriter {
  readonly #names = new Map<string, string>();
  readonly #named: Readonly<Record<string, NamedSchema>>;
  readonly #dialect: Dialect;
  readonly #used = new Map<string, JsonSchema>();

  constructor(named: Readonly<Record<string, NamedSchema>>, dialect: Dialect) {
    this.#named = named;
    this.#dialect = dialect;
    for (const [name, { schema }] of Object.entries(named)) {
      const key = keyOf(plain(schema));
      const other = this.#names.get(key);
      if (other !== undefined) throw new Error(`"${name}" and "${other}" are the same schema: give it one name`);
      this.#names.set(key, name);
    }
  }

  /** The schema as JSON; a reference where it has a name. */
  write(schema: TSchema): JsonSchema {
    return this.#write(plain(schema));
  }

  /** Every named schema that was referred to, by name. */
  components(): Readonly<Record<string, JsonSchema>> {
    return Object.fromEntries([...this.#used].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  #write(schema: JsonSchema): JsonSchema {
    if (schema["nullable"] === true) return withNull(this.#write(withoutNull(schema)));
    const name = this.#names.get(keyOf(schema));
    return name === undefined ? this.#body(schema) : this.#reference(name, schema);
  }

  #reference(name: string, schema: JsonSchema): JsonSchema {
    if (!this.#used.has(name)) {
      this.#used.set(name, {}); // before its parts, so that one that holds itself ends
      this.#used.set(name, { description: this.#named[name]?.says ?? "", ...this.#body(schema) });
    }
    return { $ref: `${REFERENCE}${name}` };
  }

  #body(schema: JsonSchema): JsonSchema {
    const choices = schema["anyOf"];
    if (Array.isArray(choices) && choices.length === 2 && isNull(choices[1]))
      return withNull(this.#write(choices[0] as JsonSchema));
    return Object.fromEntries(Object.entries(schema).flatMap(([keyword, value]) => this.#keyword(keyword, value)));
  }

  #keyword(keyword: string, value: unknown): readonly (readonly [string, unknown])[] {
    const each = (parts: unknown) => (parts as readonly JsonSchema[]).map((part) => this.#write(part));
    switch (keyword) {
      case "properties":
        return [[keyword, this.#properties(value as Readonly<Record<string, JsonSchema>>)]];
      case "patternProperties": // any name: what JSON Schema says with additionalProperties
        return Object.values(value as Readonly<Record<string, JsonSchema>>).map((part) => [
          "additionalProperties",
          this.#write(part),
        ]);
      case "anyOf":
      case "allOf":
        return [[keyword, each(value)]];
      case "items":
        if (!Array.isArray(value)) return [[keyword, this.#write(value as JsonSchema)]];
        return this.#dialect === "draft-07"
          ? [[keyword, each(value)]]
          : [
              ["prefixItems", each(value)],
              ["items", false],
            ];
      case "additionalItems":
        return this.#dialect === "draft-07" ? [[keyword, value]] : [];
      default:
        return [[keyword, value]];
    }
  }

  #properties(properties: Readonly<Record<string, JsonSchema>>): JsonSchema {
    return Object.fromEntries(
      Object.entries(properties).map(([name, schema]) => {
        const written = this.#write(schema);
        const unit = unitOfName(name);
        return [name, unit === null || "$ref" in written ? written : { ...written, "x-unit": unit }];
      }),
    );
  }
}

function plain(schema: TSchema): JsonSchema {
  return JSON.parse(JSON.stringify(schema)) as JsonSchema;
}

function keyOf(schema: JsonSchema): string {
  return JSON.stringify(schema);
}

function withoutNull(marked: JsonSchema): JsonSchema {
  const schema = Object.fromEntries(Object.entries(marked).filter(([keyword]) => keyword !== "nullable"));
  const choices = schema["enum"];
  return Array.isArray(choices) ? { ...schema, enum: choices.filter((choice) => choice !== null) } : schema;
}

function withNull(schema: JsonSchema): JsonSchema {
  const type = schema["type"];
  if (typeof type !== "string") return { anyOf: [schema, { type: "null" }] };
  const choices = schema["enum"];
  return {
    ...schema,
    type: [type, "null"],
    ...(Array.isArray(choices) ? { enum: [...(choices as readonly unknown[]), null] } : {}),
  };
}

function isNull(schema: unknown): boolean {
  return typeof schema === "object" && schema !== null && (schema as JsonSchema)["type"] === "null";
}
