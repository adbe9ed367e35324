import { readdirSync, readFileSync } from "node:fs";
import type { CodegenConfig } from "@graphql-codegen/cli";
import { buildSchema, type GraphQLObjectType, type GraphQLUnionType, getNamedType, isObjectType } from "graphql";

const schema = readdirSync("../graph")
  .filter((file) => file.endsWith(".graphql"))
  .map((file) => readFileSync(`../graph/${file}`, "utf8"))
  .join("\n");

/** The page reads every field of every provider's config: of a secret, which is a type of its own, its state. */
function configFields() {
  const union = buildSchema(schema).getType("MarketplaceConfig") as GraphQLUnionType;
  const selection = (type: GraphQLObjectType) =>
    Object.values(type.getFields())
      .map((field) => field.name + (isObjectType(getNamedType(field.type)) ? " { ...SecretFields }" : ""))
      .join(" ");
  const members = union.getTypes().map((type) => `... on ${type.name} { ${selection(type)} }`);
  return `fragment ConfigFields on MarketplaceConfig { __typename ${members.join(" ")} }`;
}

const config: CodegenConfig = {
  schema,
  documents: ["src/**/*.{ts,tsx}", "!src/gql/**", "!src/**/*.test.{ts,tsx}", configFields()],
  ignoreNoDocuments: true,
  generates: {
    "src/gql/": {
      preset: "client",
      presetConfig: { fragmentMasking: false },
      config: {
        documentMode: "string",
        enumType: "const",
        useTypeImports: true,
        strictScalars: true,
        scalars: { ID: "string", Time: "string" },
      },
    },
  },
};

export default config;
