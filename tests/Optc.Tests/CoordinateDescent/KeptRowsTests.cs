using System.Globalization;
using Xunit;

namespace Optc.Tests.CoordinateDescent;

/// <summary>
/// <c>cd</c> keeps the rows of a loss and its solver from solve to solve: after every statement that changes the model the answer is
/// that of a program which never solved before.
/// </summary>
public sealed class KeptRowsTests
{
    private const string Data = """
        param n default 12; param p := 8; set OBS := 1..n; set FEAT := 1..p; set K default {1, 2};
        param X {i in 1..20, j in FEAT} := sin(1.7*i*j + 0.3*j + i*i);
        param lambda default 0.03; param factor default 1; param up default Infinity; param shift default 0;
        param weight {1..20} default 1;
        param y {i in 1..20} default X[i,2] - 0.5*X[i,5] + 0.2*cos(9*i) + 0.4;
        param label {i in 1..20} := if sin(5*i) > 0.1 then 1 else 0;
        set A default {1}; set B default {1, 2};
        var before {A} := 0.5; var b {FEAT} <= up; var b0; var after {B} := 0.5;

        """;

    private const string Spare = " + sum {a in A} before[a]^2 + sum {a in B} abs(after[a])";
    private const string Residual = "(y[i] - b0 - sum {j in FEAT} X[i,j]*b[j])";
    private const string Lasso = "minimize f: sum {i in OBS} weight[i]*" + Residual + "^2 / (2*n) + lambda*sum {j in FEAT} abs(b[j] )" + Spare + ";\n";
    private const string Ridge = "minimize f: sum {i in OBS} " + Residual + "^2 / (2*n) + lambda*sum {j in FEAT} (b[j] - shift)^2" + Spare + ";\n";
    private const string Logistic = "minimize f: sum {i in OBS} (log(1 + exp(b0 + sum {j in FEAT} X[i,j]*b[j])) - label[i]*(b0 + sum {j in FEAT} X[i,j]*b[j])) / n + lambda*sum {j in FEAT} b[j]^2 + 0.01*b0^2" + Spare + ";\n";
    private const string Halved = "minimize f: 0.5*(factor*sum {i in OBS} " + Residual + "^2 + lambda*sum {j in FEAT} abs(b[j]))" + Spare + ";\n";
    private const string Family = "minimize f {k in K}: sum {i in OBS} (y[i+k] - b0 - sum {j in FEAT} X[i,j]*b[j])^2 + lambda*sum {j in FEAT} abs(b[j])" + Spare + ";\n";
    private const string Two = Lasso + "minimize other: sum {i in OBS} huber(" + Residual + ", 0.2) + lambda*sum {j in FEAT} b[j]^2" + Spare + ";\n";
    private const string Bounded = Lasso + "s.t. total: b[1] + b[2] <= 0.1; drop total;\n";
    private const string NormBeside = "minimize f: 0.5*(sum {i in OBS} (y[i] - b0 - sum {j in FEAT} X[i,j]*b[j])^2 + lambda*norm2 {k in 1..2} after[k])" + " + sum {a in A} before[a]^2 + sum {j in FEAT} b[j]^2;\n";

    public static TheoryData<string, string> Changes()
    {
        var data = new TheoryData<string, string>();
        foreach (string model in new[] { Lasso, Ridge, Logistic, Halved })
        {
            foreach (string statement in new[]
            {
                "let lambda := 0.1;", "let lambda := 0; let lambda := 0.2;", "let y[3] := 2; let b0 := 4;", "let n := 10;",
                "let {i in 1..6} weight[i] := 0;", "let shift := 1;", "let factor := 3;", "let {j in FEAT} b[j] := 5;",
                "fix b[2] := 0.3;", "fix b[2] := 0.3; fix b0 := 0;", "fix b[1] := 1; unfix b[1];", "let up := 0.05;", "let up := -0.2;",
                "let B := {2}; let A := {1, 3};", "let A := {}; let B := {1, 2, 3};",
            })
            {
                data.Add(model, statement);
            }
        }
        foreach (string statement in new[] { "objective f[2];", "let K := {2, 3};", "let K := {3}; let lambda := 0.1;", "drop f[1];" }) data.Add(Family, statement);
        foreach (string statement in new[] { "drop f;", "objective other;", "objective other; objective f; let lambda := 0.2;" }) data.Add(Two, statement);
        foreach (string statement in new[] { "restore total;", "restore total; drop total;" }) data.Add(Bounded, statement);
        foreach (string statement in new[] { "let lambda := 0.5;", "fix after[1];", "fix after[1] := 2;", "let y[3] := 2;" }) data.Add(NormBeside, statement);
        return data;
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public void The_answer_is_that_of_a_fresh_solve(string model, string statement)
    {
        (int code, double[] values, string error) kept = Run(model + "solve;\n" + statement), fresh = Run(model + "\n" + statement);
        Assert.Equal(fresh.error, kept.error);
        Assert.Equal(fresh.code, kept.code);
        Assert.Equal(fresh.values.Length, kept.values.Length);
        Assert.All(fresh.values.Zip(kept.values), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
    }

    [Theory]
    [InlineData("fix b[2] := 0.3;", "unfix b[2];")]
    [InlineData("let up := 0.05;", "let up := 0.2;")]
    [InlineData("let n := 10;", "let n := 12;")]
    [InlineData("let shift := 1;", "let shift := 0;")]
    public void Nothing_of_a_change_is_left_when_it_is_taken_back(string there, string back)
    {
        (_, double[] kept, _) = Run(Ridge + "solve;\n" + there + " solve;\n" + back);
        (_, double[] fresh, _) = Run(Ridge + "\n\n" + back);
        Assert.NotEmpty(fresh);
        Assert.All(fresh.Zip(kept), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
    }

    /// <summary>Runs statements, then solves; the exit code, the values of the variables and what was said against the model.</summary>
    private static (int Code, double[] Values, string Error) Run(string statements)
    {
        using var run = new CommandRun();
        const string Print = " solve; printf {j in FEAT} '%.9f\\n', b[j] > 'values.txt'; printf '%.9f\\n', b0 > 'values.txt'; "
            + "printf {a in A} '%.9f\\n', before[a] > 'values.txt'; printf {a in B} '%.9f\\n', after[a] > 'values.txt';";
        int code = run.Run("solve", run.File("m.opt", Data + statements + Print), "--solver", "cd", "-q");
        double[] values = File.Exists(run.PathOf("values.txt"))
            ? [.. File.ReadAllLines(run.PathOf("values.txt")).Select(line => double.Parse(line, CultureInfo.InvariantCulture))]
            : [];
        string[] errors = [.. run.Error.Split('\n').Where(line => line.Contains("error", StringComparison.Ordinal))];
        return (code, values, string.Join('\n', errors.Select(line => line[(line.IndexOf("m.opt", StringComparison.Ordinal) + 5)..])));
    }
}
