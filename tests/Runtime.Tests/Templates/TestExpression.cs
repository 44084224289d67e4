namespace Optc.Runtime.Tests.Templates;

/// <summary>Value, gradient and dense symmetric Hessian (row by row) of φ at slot values u with data p.</summary>
public delegate double Differentiated(ReadOnlySpan<double> u, ReadOnlySpan<double> p, Span<double> gradient, Span<double> hessian);

/// <summary>An expression over a few slots with its derivatives by hand: what the symbolic side would deliver.</summary>
public sealed record TestExpression(
    string Name, int Arity, int DataCount, int[] GradientSlots, (int, int)[] HessianPairs, bool IsQuadratic, Differentiated Evaluate)
{
    /// <summary>p₀u₀ + u₁ − 2u₂.</summary>
    public static readonly TestExpression Linear = new("linear", 3, 1, [0, 1, 2], [], true, static (u, p, g, h) =>
    {
        (g[0], g[1], g[2]) = (p[0], 1, -2);
        h.Clear();
        return (p[0] * u[0]) + u[1] - (2 * u[2]);
    });

    /// <summary>p₀ alone: no derivative.</summary>
    public static readonly TestExpression Constant = new("constant", 0, 1, [], [], true, static (u, p, g, h) => p[0]);

    /// <summary>p₀·u₀u₁ + u₁².</summary>
    public static readonly TestExpression Quadratic = new("quadratic", 2, 1, [0, 1], [(1, 0), (1, 1)], true, static (u, p, g, h) =>
    {
        (g[0], g[1]) = (p[0] * u[1], (p[0] * u[0]) + (2 * u[1]));
        (h[0], h[1], h[2], h[3]) = (0, p[0], p[0], 2);
        return (p[0] * u[0] * u[1]) + (u[1] * u[1]);
    });

    /// <summary>u₀u₁.</summary>
    public static readonly TestExpression Product = new("product", 2, 0, [0, 1], [(1, 0)], true, static (u, p, g, h) =>
    {
        (g[0], g[1]) = (u[1], u[0]);
        (h[0], h[1], h[2], h[3]) = (0, 1, 1, 0);
        return u[0] * u[1];
    });

    /// <summary>sin(u₀ + p₀u₁) + u₂³ − p₁u₀.</summary>
    public static readonly TestExpression Sine = new("sine", 3, 2, [0, 1, 2], [(0, 0), (1, 0), (1, 1), (2, 2)], false, static (u, p, g, h) =>
    {
        var (s, c) = Math.SinCos(u[0] + (p[0] * u[1]));
        (g[0], g[1], g[2]) = (c - p[1], p[0] * c, 3 * u[2] * u[2]);
        h.Clear();
        (h[0], h[1], h[3], h[4], h[8]) = (-s, -p[0] * s, -p[0] * s, -p[0] * p[0] * s, 6 * u[2]);
        return s + (u[2] * u[2] * u[2]) - (p[1] * u[0]);
    });

    /// <summary>sin(0.3·u₀u₁u₂u₃), all second derivatives there.</summary>
    public static readonly TestExpression SineOfProduct = new(
        "sine of a product", 4, 0, [0, 1, 2, 3],
        [(0, 0), (1, 0), (1, 1), (2, 0), (2, 1), (2, 2), (3, 0), (3, 1), (3, 2), (3, 3)], false, static (u, p, g, h) =>
    {
        const double k = 0.3;
        var (sin, cos) = Math.SinCos(k * u[0] * u[1] * u[2] * u[3]);
        for (var a = 0; a < 4; a++)
        {
            var withoutA = k;
            for (var c = 0; c < 4; c++)
                withoutA *= c == a ? 1 : u[c];
            g[a] = cos * withoutA;
            for (var b = 0; b < 4; b++)
            {
                double withoutB = k, withoutBoth = k;
                for (var c = 0; c < 4; c++)
                {
                    withoutB *= c == b ? 1 : u[c];
                    withoutBoth *= c == a || c == b ? 1 : u[c];
                }
                h[(4 * a) + b] = (a == b ? 0 : cos * withoutBoth) - (sin * withoutA * withoutB);
            }
        }
        return sin;
    });

    /// <summary>u₀².</summary>
    public static readonly TestExpression Square = new("square", 1, 0, [0], [(0, 0)], true, static (u, p, g, h) =>
    {
        (g[0], h[0]) = (2 * u[0], 2);
        return u[0] * u[0];
    });

    /// <summary>log u₀: −∞ at 0, NaN below.</summary>
    public static readonly TestExpression Log = new("log", 1, 0, [0], [(0, 0)], false, static (u, p, g, h) =>
    {
        (g[0], h[0]) = (1 / u[0], -1 / (u[0] * u[0]));
        return Math.Log(u[0]);
    });

    /// <summary>√u₀: finite at 0 where its derivative is not.</summary>
    public static readonly TestExpression Root = new("root", 1, 0, [0], [(0, 0)], false, static (u, p, g, h) =>
    {
        (g[0], h[0]) = (0.5 / Math.Sqrt(u[0]), -0.25 / (u[0] * Math.Sqrt(u[0])));
        return Math.Sqrt(u[0]);
    });

    /// <summary>Those that are defined everywhere.</summary>
    public static readonly TestExpression[] Everywhere = [Linear, Constant, Quadratic, Product, Sine, SineOfProduct, Square];
}
