using Xunit;

namespace Optc.Tests.Nl;

/// <summary>What stands in exported files; needs no other program.</summary>
public sealed class NlFormatTests
{
    [Fact]
    public void A_small_model_in_full()
    {
        const string Model = """
            set I := {"a", "b"};
            var z >= 0;
            var x {I} >= -1, <= 4, := 0.5;
            var k integer >= 0, <= 9;
            var y = 3*x["a"] + x["b"]^2 + 1;
            maximize f: 2*z - y + 7;
            minimize g: sum {i in I} x[i];
            total: x["a"] + 2*z + 3*k = 4;
            range: 1 <= exp(y) + z + 2 <= 9;
            ratio: x["a"]*y - 5*y <= 6 + k;
            """;
        const string Expected = """
            g3 1 1 0	# problem small
             4 3 2 1 1	# vars, constraints, objectives, ranges, eqns
             2 1 0 0 0 0	# nonlinear constrs, objs; ccons: lin, nonlin, nd, nzlb
             0 0	# network constraints: nonlinear, linear
             2 2 2	# nonlinear vars in constraints, objectives, both
             0 0 0 1	# linear network variables; functions; arith, flags
             0 1 0 0 0	# discrete variables: binary, integer, nonlinear (b,c,o)
             9 5	# nonzeros in Jacobian, obj. gradient
             5 6	# max name lengths: constraints, variables
             1 0 0 0 0	# common exprs: b,c,o,c1,o1
            V4 1 0
            0 3
            o0
            o5
            v1
            n2
            n1
            C0
            o44
            v4
            C1
            o0
            o2
            v0
            v4
            o2
            n-5
            v4
            C2
            n0
            O0 1
            o0
            o16
            v4
            n7
            O1 0
            n0
            x2
            0 0.5
            1 0.5
            r
            0 -1 7
            1 6
            4 4
            b
            0 -1 4
            0 -1 4
            2 0
            0 0 9
            k3
            3
            5
            7
            J0 3
            0 0
            1 0
            2 1
            J1 3
            0 0
            1 0
            3 -1
            J2 3
            0 1
            2 2
            3 3
            G0 3
            0 0
            1 0
            2 2
            G1 2
            0 1
            1 1

            """;
        using var run = new CommandRun();
        Assert.Equal(0, run.Run("export", run.File("small.opt", Model), "--output", run.PathOf("small.nl")));
        Assert.Equal(Expected.ReplaceLineEndings("\n"), File.ReadAllText(run.PathOf("small.nl")));
        Assert.Equal(["range", "ratio", "total", "f", "g"], File.ReadAllLines(run.PathOf("small.row")));
        Assert.Equal(["x['a']", "x['b']", "z", "k"], File.ReadAllLines(run.PathOf("small.col")));
        Assert.Equal("", run.Output);
        Assert.Contains("4 variables, 3 constraints, 2 objectives", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("var x := 2; minimize f: x^2;", "o 5|v 0|n 2")]
    [InlineData("var x := 2; minimize f: x^3 + 2*x;", "o 5|v 0|n 3")]
    [InlineData("var x := 2; minimize f: x^4;", "o 5|v 0|n 4")]
    [InlineData("var x := 2; minimize f: 1/x;", "o 3|n 1|v 0")]
    [InlineData("var x; var y; minimize f: 2*x*y - x*y/4;", "o 0|o 2|n 2|o 2|v 0|v 1|o 2|n -0.25|o 2|v 0|v 1")]
    [InlineData("var x; minimize f: abs(x - 1);", "o 15|o 0|n -1|v 0")]
    [InlineData("var x; var y; minimize f: max(x, y, 3) - min(x, y);", "o 0|o 12|3|v 0|v 1|n 3|o 16|o 11|2|v 0|v 1")]
    [InlineData("var x; minimize f: if x > 1 and not (x = 2) then x^2 else sin(x);", "o 35|o 21|o 22|n 1|v 0|o 34|o 24|v 0|n 2|o 5|v 0|n 2|o 41|v 0")]
    [InlineData("var x; minimize f: floor(x) + ceil(x);", "o 0|o 13|v 0|o 14|v 0")]
    [InlineData("var x; minimize f: round(x);", "o 35|o 23|n 0|v 0|o 13|o 0|n 0.5|v 0|o 14|o 0|n -0.5|v 0")]
    [InlineData("var x; var y; minimize f: x mod y;", "o 4|v 0|v 1")]
    [InlineData("var x; minimize f: sum {i in 1..3} exp(i*x);", "o 54|3|o 44|v 0|o 44|o 2|n 2|v 0|o 44|o 2|n 3|v 0")]
    [InlineData("var x {1..2}; minimize f: logsumexp {i in 1..2} x[i];", "o 43|o 0|o 44|v 0|o 44|v 1")]
    [InlineData("var x {1..2}; minimize f: norm2 {i in 1..2} x[i];", "o 39|o 0|o 5|v 0|n 2|o 5|v 1|n 2")]
    [InlineData("var x; minimize f: huber(x, 2);", "o 35|o 23|o 15|v 0|n 2|o 2|n 0.5|o 5|v 0|n 2|o 2|n 2|o 1|o 15|v 0|o 2|n 0.5|n 2")]
    [InlineData("param p := 3; var x; minimize f: p^2*log(x + p - 1);", "o 2|n 9|o 43|o 0|n 2|v 0")]
    [InlineData("param q {1..2} default 0; var x {1..2} := 1; minimize f: x[1]^2 + sum {i in 1..2} q[i]*exp(x[i]);", "o 5|v 0|n 2")]
    [InlineData("var x {1..3}; minimize f: max {i in 1..3} x[i];", "o 12|3|v 0|v 1|v 2")]
    public void Objectives_are_written_with_operators_of_the_format(string model, string expected)
    {
        using var run = new CommandRun();
        List<string> items = Export(run, model);
        int start = items.FindIndex(i => i.StartsWith("O 0", StringComparison.Ordinal)) + 1;
        int end = items.FindIndex(start, i => i is "b" || i[0] == 'x');
        Assert.Equal(expected.Split('|'), items[start..end]);
    }

    [Theory]
    [InlineData("var x >= 1, <= 2; var y <= 3; var z >= 4; var w; var u = 5; fix w := 6; minimize f: x + y + z + w + u;", "0 1 2|1 3|2 4|4 6")]
    [InlineData("var x; minimize f: x^2; fix x := 2; unfix x;", "3")]
    [InlineData("var x >= -1e20, <= 1e30; minimize f: x^2;", "3")]
    public void Bounds(string model, string expected)
    {
        using var run = new CommandRun();
        List<string> items = Export(run, model);
        int start = items.IndexOf("b") + 1, count = expected.Split('|').Length;
        Assert.Equal(expected.Split('|'), items[start..(start + count)]);
    }

    [Fact]
    public void A_maximum_over_a_large_set_is_one_list()
    {
        using var run = new CommandRun();
        List<string> items = Export(run, "var x {i in 1..50} := i; minimize f: max {i in 1..50} (if i mod 2 = 0 then x[i] else i*x[i]^2) + x[1]^2;");
        int at = items.IndexOf("o 12");
        Assert.Equal("50", items[at + 1]);
        Assert.DoesNotContain(items, i => i[0] == 'V');
        Assert.Equal(Enumerable.Range(0, 50).Select(k => $"v {k}"), items[(at + 2)..].Where(i => i[0] == 'v').Take(50));
    }

    [Fact]
    public void Common_expressions_stand_with_their_one_user_or_before_all()
    {
        const string Model = """
            var x {1..4} := 1;
            var both = exp(x[1]);
            var constraints = exp(x[2]);
            var objectives = exp(x[3]);
            var inner = x[4]^2;
            var outer = exp(inner);
            minimize f: both + objectives;
            minimize g: objectives*x[3] + exp(1 + inner);
            minimize h: sin(x[1]);
            c1: both + constraints >= 0;
            c2: constraints*x[2] >= 0;
            c3: outer^2 <= 5;
            """;
        using var run = new CommandRun();
        List<string> items = Export(run, Model);
        Assert.Contains(items, i => i.StartsWith(" 2 1 1 1 0\t", StringComparison.Ordinal));
        Assert.Equal(
            ["V 4 0 0", "V 5 0 0", "V 6 0 0", "V 7 0 0", "C 0", "C 1", "V 8 0 3", "C 2", "O 0 0", "O 1 0", "O 2 0"],
            items.Where(i => i[0] is 'V' or 'C' or 'O' && i[1] == ' '));
    }

    [Fact]
    public void Variables_stand_in_the_order_of_the_format()
    {
        const string Model = """
            var l1; var b1 binary; var i1 integer;
            var o1 := 1; var oi integer := 1;
            var c1 := 1; var ci integer := 1;
            var bo := 1; var bi binary := 1;
            minimize f: l1 + b1 + i1 + o1^2*oi + bo^2*bi;
            linear: l1 + o1 + i1 >= 1;
            nonlinear: c1*ci + bo*bi + l1 >= 1;
            """;
        using var run = new CommandRun();
        List<string> items = Export(run, Model);
        Assert.Equal(["bo", "bi", "c1", "ci", "o1", "oi", "l1", "b1", "i1"], File.ReadAllLines(run.PathOf("m.col")));
        Assert.Equal(["nonlinear", "linear", "f"], File.ReadAllLines(run.PathOf("m.row")));
        Assert.Contains(items, i => i.StartsWith(" 4 6 2\t", StringComparison.Ordinal));
        Assert.Contains(items, i => i.StartsWith(" 1 1 1 1 1\t", StringComparison.Ordinal));
    }

    [Fact]
    public void The_objective_in_use_comes_first_and_dropped_ones_not_at_all()
    {
        using var run = new CommandRun();
        Export(run, "var x; minimize f: x^2; maximize g {i in 1..2}: -i*x^2; minimize h: x^4; drop h; objective g[2];");
        Assert.Equal(["g[2]", "f", "g[1]"], File.ReadAllLines(run.PathOf("m.row")));
        Export(run, "var x; minimize f: x^2; minimize h: x^4;", "--objective", "h");
        Assert.Equal(["h", "f"], File.ReadAllLines(run.PathOf("m.row")));
    }

    [Fact]
    public void Without_names_only_the_problem_is_written()
    {
        using var run = new CommandRun();
        Export(run, "var x; minimize f: x^2;", "--no-names");
        Assert.True(File.Exists(run.PathOf("m.nl")));
        Assert.False(File.Exists(run.PathOf("m.row")) || File.Exists(run.PathOf("m.col")));
        Assert.Contains("\n 0 0\t# max name lengths", File.ReadAllText(run.PathOf("m.nl")), StringComparison.Ordinal);
    }

    /// <summary>The items of the exported text, which are also those of the exported bytes.</summary>
    private static List<string> Export(CommandRun run, string model, params string[] options)
    {
        string file = run.File("m.opt", model), text = run.PathOf("m.nl"), binary = run.PathOf("binary.nl");
        Assert.True(run.Run(["export", file, "-o", text, "-q", .. options]) == 0, run.Error);
        Assert.Equal("", run.Output + run.Error);
        Assert.Equal(0, run.Run(["export", file, "-o", binary, "-q", "--binary", "--no-names", .. options]));
        List<string> items = NlReader.Read(text);
        Assert.Equal(items.Where((_, i) => i != 8), NlReader.Read(binary).Where((_, i) => i != 8));
        return items;
    }
}
