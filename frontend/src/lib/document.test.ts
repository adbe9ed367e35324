import { describe, expect, it } from "vitest";
import { checkDocument, formatDocument, normalizeDocument, tellsCPF } from "./document";

describe("CNPJ", () => {
  it.each([
    "12.ABC.345/01DE-35",
    "12.ABC.345/0001-88",
    "00.000.000/0001-91",
    "33.000.167/0001-01",
    "16.727.230/0001-97",
    "34.665.388/0001-61",
    "01.838.723/0001-27",
    "11.222.333/0001-81",
    "9Y1XJ5GX000100",
    "S8IV3Z8A000100",
    "SGE8LTFW000100",
    "CKJ852PZ000100",
    "12abc34501de35",
    " 12 ABC 345 01DE 35 ",
    "16727230000197\r\n",
    "16.727.230/0001\u00a0\u2009-\u202f97",
    "\ufeff16.727.\u200b230/0001\u00ad-97\u202c",
    "– 12.ABC.345/01DE\u221235 \u2011",
    '"\'16727230000197"',
    "“16.727.230/0001–97”",
  ])("takes %s", (text) => {
    expect(checkDocument(text)).toEqual({ document: normalizeDocument(text), kind: "CNPJ", problem: undefined });
  });

  it.each([
    ["16.727.230.0001-98", "checkDigits"],
    ["52599927000100", "checkDigits"],
    ["12ABC34501DE3A", "characters"],
    ["00000000000000", "checkDigits"],
    ["11111111111111", "checkDigits"],
    ["12.ABC.345/01DE-36", "checkDigits"],
    ["12.ABC.345/01DE-3", "length"],
    ["12.ABC.345/01DE-355", "length"],
    ["12.ÁBC.345/01DE-35", "characters"],
    ["12_ABC_345_01DE_35", "characters"],
    ["S8ıV3Z8A000100", "characters"],
    ["16727230'000197", "characters"],
    ["“”", "length"],
    ["", "length"],
  ])("refuses %s: %s", (text, problem) => {
    expect(checkDocument(text).problem).toBe(problem);
  });
});

describe("CPF", () => {
  it.each(["390.533.447-05", "111.444.777-35", "529.982.247-25", "123.456.789-09", "012.345.678-90"])(
    "takes %s",
    (text) => {
      expect(checkDocument(text)).toEqual({ document: normalizeDocument(text), kind: "CPF", problem: undefined });
    },
  );

  it.each([
    "231.002.999-00",
    "111.444.777-05",
    "111.444.777-32",
    ...Array.from({ length: 10 }, (_, digit) => String(digit).repeat(11)),
  ])("refuses %s", (text) => {
    expect(checkDocument(text).problem).toBe("checkDigits");
  });
});

describe("punctuation", () => {
  it.each([
    ["12abc34501de35", "12.ABC.345/01DE-35"],
    ["39053344705", "390.533.447-05"],
    ["12.ABC", "12.ABC"],
  ])("shows %s as %s", (text, shown) => {
    expect(formatDocument(text)).toBe(shown);
  });
});

describe("a CPF", () => {
  it.each(["390533447", "390.533.447-0", "390.533.447-05", "39053344705"])("stays out of the address: %s", (text) => {
    expect(tellsCPF(text)).toBe(true);
  });

  it.each(["", "39053", "47310825", "390.533.44", "39053344706", "padaria", "11.222.333/0001-81", "12ABC345"])(
    "is not told by %s",
    (text) => {
      expect(tellsCPF(text)).toBe(false);
    },
  );
});
