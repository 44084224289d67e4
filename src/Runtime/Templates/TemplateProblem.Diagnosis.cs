namespace Optc.Runtime.Templates;

/// <summary>Says where a model is not finite.</summary>
public sealed unsafe partial class TemplateProblem
{
    /// <summary>
    /// The first instance whose value, else first derivative, else second derivative at x is NaN or infinite; stage values
    /// (in the order of the schedule, so that causes come before effects), then the objective, then constraints. If all
    /// instances are finite, the first objective or constraint whose sum overflows. Null if all is finite. Instances are
    /// evaluated one by one: for explaining a failure, not for iterations. Not counted as an evaluation.
    /// </summary>
    public NonFinite? FindNonFinite(ReadOnlySpan<double> x)
    {
        fixed (double* at = x)
        {
            MoveTo(x, at);
            KnowStageValues();
            return FindNonFinite();
        }
    }

    private NonFinite? FindNonFinite()
    {
        var probe = new InstanceProbe(_structure, _runner);
        foreach (var kind in Enum.GetValues<NonFiniteKind>())
        {
            foreach (var run in _structure.Schedule)
            {
                if (probe.Find(kind, run.Template, run.Start, run.End) is { } found)
                    return found;
            }
            foreach (var group in new[] { _structure.Objective, _structure.Constraints })
            {
                foreach (var t in group.All)
                {
                    if (probe.Find(kind, t, 0, _structure.Templates[t].InstanceCount) is { } found)
                        return found;
                }
            }
            if (kind == NonFiniteKind.Value && FindNonFiniteSum() is { } sum)
                return sum;
        }
        return null;
    }

    private NonFinite? FindNonFiniteSum()
    {
        if (!double.IsFinite(KnowObjective()))
            return new NonFinite(NonFiniteKind.Value, TemplateTarget.Objective, 0, -1, -1);
        var rows = new double[ConstraintCount];
        SumRows(_structure.ConstraintSums, rows);
        var row = Array.FindIndex(rows, v => !double.IsFinite(v));
        return row < 0 ? null : new NonFinite(NonFiniteKind.Value, TemplateTarget.Constraint, row, -1, -1);
    }
}
