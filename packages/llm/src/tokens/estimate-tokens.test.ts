import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { estimateTokens } from "./estimate-tokens.ts";

/** Texts, and how many tokens of o200k_base they are. */
const samples: readonly (readonly [name: string, tokens: number, text: string])[] = [
  [
    "English",
    25,
    "A pipeline of agents takes a record from stage to stage; what fails is counted, and nothing is lost on the way.",
  ],
  [
    "German",
    23,
    "Verbraucherinnen und Verbraucher sollen künftig leichter Zugang zu günstigen Krediten für Wärmepumpen erhalten.",
  ],
  [
    "Czech",
    31,
    "Domácnosti budou moci získat příspěvky na tepelná čerpadla, pokud splní stanovené podmínky.",
  ],
  ["Finnish", 25, "Kotitaloudet voivat saada lisätukea lämpöpumppujen ja aurinkopaneelien asentamiseen."],
  ["Russian", 19, "Домохозяйства смогут получить дополнительные субсидии на установку тепловых насосов."],
  ["Arabic", 20, "وستتمكن الأسر من الحصول على إعانات إضافية لتركيب الألواح الشمسية."],
  ["Hindi", 17, "परिवारों को सौर पैनल लगाने के लिए अतिरिक्त सहायता मिलेगी।"],
  ["Chinese", 20, "家庭将能够获得安装热泵和太阳能电池板的额外补贴。"],
  ["Japanese", 28, "家庭は太陽光パネルの設置に対する追加の補助金を受け取ることができる。"],
  ["Korean", 20, "가정은 태양광 패널 설치에 대한 추가 보조금을 받을 수 있게 된다."],
  [
    "JSON",
    43,
    '{"name":"Northwind","orders":[{"id":10248,"total":440.25,"shipped":true},{"id":10249,"total":1863.4,"shipped":false}]}',
  ],
  [
    "code",
    34,
    "export function sum(values: readonly number[]): number {\n  let total = 0;\n  for (const value of values) total += value;\n  return total;\n}\n",
  ],
  [
    "a table",
    53,
    "iata,name,city,latitude,longitude\n00M,Thigpen,Bay Springs,31.95376472,-89.23450472\n00R,Livingston Municipal,Livingston,30.68586111,-95.01792778\n",
  ],
  ["hexadecimal digits", 36, "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9"],
  ["emoji", 7, "🚀🔥🎉😀✅"],
];

const anyText = fc.array(fc.nat(0xffff)).map((codes) => String.fromCharCode(...codes));

describe("estimateTokens", () => {
  it.each(samples)("gives no fewer than a tokenizer for %s, and not many more", (_, tokens, text) => {
    const estimate = estimateTokens(text);
    expect(estimate).toBeGreaterThanOrEqual(tokens);
    expect(estimate).toBeLessThanOrEqual(tokens * 2.25);
  });

  it("grows with the text, and gives texts together no more than apart", () => {
    const text = fc.string({ unit: "grapheme" });
    fc.assert(
      fc.property(text, text, (left, right) => {
        const together = estimateTokens(left + right);
        expect(together).toBeGreaterThanOrEqual(estimateTokens(left));
        expect(together).toBeLessThanOrEqual(estimateTokens(left) + estimateTokens(right) + 1);
      }),
    );
  });

  it("takes any text", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const tokens = estimateTokens(text);
        expect(Number.isInteger(tokens) && tokens >= 0 && tokens <= 3 * text.length).toBe(true);
      }),
    );
    expect(estimateTokens("")).toBe(0);
    expect(estimateTokens("\ud800\uffff")).toBeGreaterThan(0);
  });
});
