using Optc.Runtime.Templates;

namespace Optc.Runtime.Tests.Templates;

/// <summary>A number with dense first and second derivatives in the problem variables.</summary>
public sealed class Jet(int n)
{
    public double Value;
    public double[] Gradient = new double[n];
    public double[,] Hessian = new double[n, n];
}

/// <summary>
/// The naive twin: every instance on its own, in the order of the schedule, all derivatives dense and carried forward by
/// the chain rule, d²φ = Σ φⱼ d²uⱼ + Σ φⱼₖ duⱼ duₖᵀ.
/// </summary>
public sealed class DenseReference
{
    private readonly TemplateProblemDefinition _definition;
    private readonly TestExpression[] _expressions;
    private readonly int _n;

    public DenseReference(TemplateProblemDefinition definition, TestExpression[] expressions, double[] x)
    {
        (_definition, _expressions, _n) = (definition, expressions, definition.FreeCount);
        var free = definition.FreePositions ?? [.. Enumerable.Range(0, _n)];
        var u = new Jet[definition.DeclaredCount + definition.StageCount];
        for (var p = 0; p < u.Length; p++)
            u[p] = new Jet(_n) { Value = p < definition.DeclaredCount && definition.DeclaredValues is { } v ? v[p] : 0 };
        for (var k = 0; k < _n; k++)
        {
            u[free[k]].Value = x[k];
            u[free[k]].Gradient[k] = 1;
        }
        foreach (var run in definition.Schedule)
        {
            for (var i = run.Start; i < run.End; i++)
                Add(run.Template, i, u, u[definition.DeclaredCount + definition.Templates[run.Template].Row[i]]);
        }
        Objective = new Jet(_n) { Value = definition.ObjectiveOffset };
        Constraints = [.. Enumerable.Range(0, definition.ConstraintCount).Select(_ => new Jet(_n))];
        for (var t = 0; t < definition.Templates.Count; t++)
        {
            var template = definition.Templates[t];
            for (var i = 0; template.Target != TemplateTarget.Stage && i < template.InstanceCount; i++)
                Add(t, i, u, template.Target == TemplateTarget.Objective ? Objective : Constraints[template.Row[i]]);
        }
        Objective = Combine([definition.ObjectiveSign], [Objective]);
        Point = [.. u.Select(j => j.Value)];
    }

    public Jet Objective { get; }

    public Jet[] Constraints { get; }

    public double[] Point { get; }

    /// <summary>σf + Σ wᵢcᵢ.</summary>
    public Jet Lagrangian(double sigma, double[] w) => Combine([sigma, .. w], [Objective, .. Constraints]);

    private Jet Combine(double[] weights, Jet[] jets)
    {
        var sum = new Jet(_n);
        for (var j = 0; j < jets.Length; j++)
        {
            sum.Value += weights[j] * jets[j].Value;
            for (var a = 0; a < _n; a++)
            {
                sum.Gradient[a] += weights[j] * jets[j].Gradient[a];
                for (var b = 0; b < _n; b++)
                    sum.Hessian[a, b] += weights[j] * jets[j].Hessian[a, b];
            }
        }
        return sum;
    }

    private void Add(int t, int i, Jet[] u, Jet sum)
    {
        var (template, expression) = (_definition.Templates[t], _expressions[t]);
        var slots = template.Slots.Select(s => u[s[i]]).ToArray();
        var k = slots.Length;
        var (g, h) = (new double[k], new double[k * k]);
        var data = template.DataColumns.Select(c => template.Data[c[i]]).ToArray();
        sum.Value += expression.Evaluate(slots.Select(s => s.Value).ToArray(), data, g, h);
        for (var a = 0; a < _n; a++)
        {
            for (var j = 0; j < k; j++)
                sum.Gradient[a] += g[j] * slots[j].Gradient[a];
            for (var b = 0; b < _n; b++)
            {
                for (var j = 0; j < k; j++)
                {
                    sum.Hessian[a, b] += g[j] * slots[j].Hessian[a, b];
                    for (var l = 0; l < k; l++)
                        sum.Hessian[a, b] += h[(j * k) + l] * slots[j].Gradient[a] * slots[l].Gradient[b];
                }
            }
        }
    }
}
