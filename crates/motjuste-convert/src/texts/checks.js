// Runs checks in JavaScript, as promptfoo does: a list of {code, output, context} in, a list of results out.
const path = require("path");

function run({ code, output, context }) {
  if (code.startsWith("file://")) {
    const [file, name] = code.slice("file://".length).split(/(?<=\.c?js):/);
    const given = require(path.resolve(file));
    const call = name ? given[name] : typeof given === "function" ? given : given.default;
    return call(output, context);
  }
  const isBody = code.trim().includes("\n") || /^\s*(return|const|let|if)\b/.test(code);
  const check = new Function("output", "context", isBody ? code : `return (${code.trim().replace(/;$/, "")})`);
  return check(output, context);
}

const jobs = JSON.parse(require("fs").readFileSync(0, "utf8"));
Promise.all(jobs.map(run)).then((results) => process.stdout.write(JSON.stringify(results)));
