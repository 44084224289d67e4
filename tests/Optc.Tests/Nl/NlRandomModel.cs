using System.Globalization;
using System.Text;

namespace Optc.Tests.Nl;

/// <summary>The text of a model drawn at random: every function is defined everywhere, every name may be used by any later one.</summary>
internal sealed class NlRandomModel(int seed, bool hasKinks)
{
    private const int Depth = 4;
    private readonly Random _random = new(seed);
    private readonly List<string> _names = ["x[1]", "x[2]", "x[3]", "x[4]", "z", "k"];

    public string Text()
    {
        var text = new StringBuilder();
        text.AppendLine("param a {1..4, 1..4};");
        text.AppendLine("var x {i in 1..4} >= -3, <= 5, := 0.3*i - 0.5; var z := 0.7; var k integer >= -4, <= 8, := 2;");
        for (int d = 1; d <= 4; d++)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"var d{d} = {Sum(Depth)};");
            _names.Add($"d{d}");
        }
        text.AppendLine(CultureInfo.InvariantCulture, $"var e {{i in 1..3}} = if i = 1 then {Sum(2)} else 0.5*e[i-1]*x[i] + a[i,1]*x[i+1] + {Number()};");
        _names.AddRange(["e[1]", "e[2]", "e[3]"]);
        text.AppendLine(CultureInfo.InvariantCulture, $"{(Draw(2) == 0 ? "minimize" : "maximize")} f1: {Sum(Depth)};");
        text.AppendLine(CultureInfo.InvariantCulture, $"minimize f2: {Sum(Depth)};");
        for (int c = 1; c <= 3; c++)
            text.AppendLine(CultureInfo.InvariantCulture, $"c{c}: {Sum(Depth)} {Side()};");
        text.AppendLine(CultureInfo.InvariantCulture, $"family {{i in 1..4}}: sum {{j in 1..4}} a[i,j]*x[j] + a[i,i]*({Sum(3)}) + x[i]^2*a[1,i] >= -i;");
        text.AppendLine(CultureInfo.InvariantCulture, $"range {{i in 1..2}}: -i <= {Sum(3)} + 2*x[i] - sum {{j in 1..20}} (sin(x[i] + j)/j) <= 9;");
        if (Draw(3) == 0) text.AppendLine("fix x[3] := 1.25;");
        text.AppendLine("data; param a:  1 2 3 4 :=");
        for (int i = 1; i <= 4; i++)
            text.AppendLine(CultureInfo.InvariantCulture, $"  {i}  {string.Join(' ', Enumerable.Range(0, 4).Select(_ => Draw(3) == 0 ? "0" : Number()))}");
        return text.Append(';').ToString();
    }

    private int Draw(int count) => _random.Next(count);

    private string Number() => (_random.Next(-40, 41) / 16.0).ToString(CultureInfo.InvariantCulture);

    private string Name() => _names[Draw(_names.Count)];

    private string Side() => Draw(3) switch { 0 => "<= 5", 1 => "= 1", _ => ">= " + Name() };

    private string Sum(int depth) =>
        string.Join(" + ", Enumerable.Range(0, 1 + Draw(4)).Select(_ => Draw(3) switch
        {
            0 => $"({Number()})*{Name()}",
            1 => $"({Number()})*({Term(depth)})",
            _ => Term(depth),
        }));

    private string Term(int depth)
    {
        if (depth == 0) return Draw(4) == 0 ? $"({Number()})" : Name();
        string Inner() => $"({(Draw(2) == 0 ? Sum(depth - 1) : Term(depth - 1))})";
        // Kept small, so that rounding does not grow.
        string Small() => $"tanh{Inner()}";
        return Draw(hasKinks ? 17 : 12) switch
        {
            0 => $"sin{Inner()}",
            1 => $"exp(0.5*{Small()})",
            2 => $"{Small()}*{Small()}",
            3 => $"{Small()}/(2 + {Small()})",
            4 => $"sqrt(1 + {Small()}^2)",
            5 => $"log(3 + {Small()})",
            6 => $"{Small()}^2",
            7 => $"{Small()}^3",
            8 => $"-{Inner()}",
            9 => $"(2 + {Small()})^1.5",
            10 => $"prod {{q in 1..3}} (1 + x[q]*{Small()}/8)",
            11 => $"a[2,3]*{Name()} - {Small()}",
            12 => $"abs{Inner()}",
            13 => $"max({Name()}, {Small()}, {Number()})",
            14 => $"min({Small()}, {Name()})",
            15 => $"(if {Small()} > {Name()} or {Name()} <= 0 then {Small()} else {Inner()})",
            _ => $"huber({Name()}, 0.75)",
        };
    }
}
