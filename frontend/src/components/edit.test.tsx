import { TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { fireEvent, screen, waitFor } from "@testing-library/react";
import { useState } from "react";
import { beforeEach, expect, it, vi } from "vitest";
import { changeLanguage } from "@/i18n";
import { renderInRouter } from "@/test/render";
import { useEdit } from "./edit";
import { DialogForm, FormDialog } from "./form";

beforeEach(() => changeLanguage("pt-BR"));

interface Row {
  version: number;
  name: string;
  city: string;
}

interface Answer {
  userErrors: {
    code: "CONFLICT";
    field: string[];
    message: string;
    relatedId: null;
    edits: { at: string; by: string; fields: string[] }[];
  }[];
}

type Send = (sent: { version: number | undefined; name: string; city: string }) => Promise<Answer>;

const conflict: Answer = {
  userErrors: [
    {
      code: "CONFLICT",
      field: ["version"],
      message: "",
      relatedId: null,
      edits: [{ at: new Date().toISOString(), by: "Dina", fields: ["city"] }],
    },
  ],
};
const done: Answer = { userErrors: [] };
const valuesOf = (row?: Row) => ({ name: row?.name ?? "", city: row?.city ?? "" });

function RowForm({ row, send }: { row: Row; send: Send }) {
  const form = useForm({ initialValues: valuesOf(row) });
  const edit = useEdit({ form, object: row, valuesOf, shownOf: (now) => ({ Nome: now.name, Cidade: now.city }) });
  return (
    <DialogForm
      form={form}
      edit={edit}
      submitLabel="Salvar"
      send={(values) => send({ version: edit.version, ...values })}
      onDone={() => undefined}
    >
      <TextInput label="Nome" {...form.getInputProps("name")} />
      <TextInput label="Cidade" {...form.getInputProps("city")} />
    </DialogForm>
  );
}

/** The form of a row, and somebody else who saves it. */
function Page({ send }: { send: Send }) {
  const [row, setRow] = useState<Row>({ version: 1, name: "Padaria", city: "Natal" });
  return (
    <>
      <button type="button" onClick={() => setRow({ version: 2, name: "Padaria", city: "Caicó" })}>
        another saves
      </button>
      <FormDialog opened onClose={() => undefined} title="Editar">
        <RowForm row={row} send={send} />
      </FormDialog>
    </>
  );
}

const field = (label: string) => screen.getByLabelText<HTMLInputElement>(label);
const type = (label: string, value: string) => fireEvent.change(field(label), { target: { value } });
const press = async (name: string) => fireEvent.click(await screen.findByRole("button", { name }));
const anotherSaves = () => fireEvent.click(screen.getByText("another saves"));

async function open(...answers: Answer[]) {
  const send = vi.fn<Send>();
  for (const answer of answers) send.mockResolvedValueOnce(answer);
  renderInRouter(<Page send={send} />);
  await screen.findByLabelText("Nome");
  return send;
}

it("takes what somebody else saved while nothing is typed", async () => {
  const send = await open(done);
  anotherSaves();
  await waitFor(() => expect(field("Cidade")).toHaveValue("Caicó"));
  expect(screen.queryByRole("alert")).not.toBeInTheDocument();
  await press("Salvar");
  await waitFor(() => expect(send).toHaveBeenCalledWith({ version: 2, name: "Padaria", city: "Caicó" }));
});

it("tells who types that somebody else has saved, and keeps what was typed", async () => {
  const send = await open(done);
  type("Nome", "Padaria Nova");
  anotherSaves();
  await screen.findByText("Outra pessoa salvou alterações enquanto você editava");
  expect(field("Nome")).toHaveValue("Padaria Nova");
  expect(field("Cidade")).toHaveValue("Natal");
  await press("Ver o que mudou");
  expect(screen.getByText("Cidade", { selector: "dt" }).nextSibling).toHaveTextContent("Natal → Caicó");
  expect(screen.queryByText("Nome", { selector: "dt" })).not.toBeInTheDocument();

  await press("Usar o meu");
  expect(screen.queryByRole("alert")).not.toBeInTheDocument();
  expect(field("Nome")).toHaveValue("Padaria Nova");
  expect(field("Cidade")).toHaveValue("Caicó"); // what the other changed and nobody typed over is not undone
  await press("Salvar");
  await waitFor(() => expect(send).toHaveBeenCalledWith({ version: 2, name: "Padaria Nova", city: "Caicó" }));
});

it("drops what was typed when asked to", async () => {
  await open();
  type("Cidade", "Mossoró");
  anotherSaves();
  await press("Descartar o meu");
  expect(field("Cidade")).toHaveValue("Caicó");
  expect(screen.queryByRole("alert")).not.toBeInTheDocument();
});

it("says who saved when the server refuses, before and after the page has read it again", async () => {
  const send = await open(conflict, done);
  type("Cidade", "Mossoró");
  await press("Salvar");
  await screen.findByText("Dina salvou alterações enquanto você editava");
  expect(field("Cidade")).toHaveValue("Mossoró");
  expect(screen.queryByRole("button", { name: "Usar o meu" })).not.toBeInTheDocument();
  anotherSaves();
  await press("Usar o meu");
  expect(field("Cidade")).toHaveValue("Mossoró");
  await press("Salvar");
  await waitFor(() => expect(send).toHaveBeenLastCalledWith({ version: 2, name: "Padaria", city: "Mossoró" }));
});
