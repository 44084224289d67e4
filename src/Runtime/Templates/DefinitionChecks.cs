namespace Optc.Runtime.Templates;

/// <summary>Checks a definition before any kernel works on its addresses: a wrong index would corrupt memory.</summary>
internal static class DefinitionChecks
{
    public static void Check(TemplateProblemDefinition d)
    {
        ArgumentNullException.ThrowIfNull(d);
        if (d.DeclaredCount < 0 || d.StageCount < 0 || d.ConstraintCount < 0)
            throw new ArgumentException($"Counts cannot be negative: {d.DeclaredCount} variables, {d.StageCount} stage values, {d.ConstraintCount} constraints.");
        if (d.ObjectiveSign is not (1 or -1))
            throw new ArgumentException($"The objective's sign is {d.ObjectiveSign}; it must be 1 (minimise) or -1 (maximise).");
        Length(d.VariableLower, d.FreeCount, nameof(d.VariableLower));
        Length(d.VariableUpper, d.FreeCount, nameof(d.VariableUpper));
        Length(d.Start, d.FreeCount, nameof(d.Start));
        Length(d.ConstraintLower, d.ConstraintCount, nameof(d.ConstraintLower));
        Length(d.ConstraintUpper, d.ConstraintCount, nameof(d.ConstraintUpper));
        CheckFree(d);
        var points = checked(d.DeclaredCount + d.StageCount);
        foreach (var template in d.Templates)
            Check(template, points, Rows(template.Target, d));
    }

    /// <summary>Throws unless the array has the length.</summary>
    public static void Length(ReadOnlySpan<double> values, int expected, string name)
    {
        if (values.Length != expected)
            throw new ArgumentException($"{name} has {values.Length} entries; expected {expected}.");
    }

    private static int Rows(TemplateTarget target, TemplateProblemDefinition d) => target switch
    {
        TemplateTarget.Objective => 1,
        TemplateTarget.Constraint => d.ConstraintCount,
        _ => d.StageCount,
    };

    private static void CheckFree(TemplateProblemDefinition d)
    {
        if (d.DeclaredValues is not null)
            Length(d.DeclaredValues, d.DeclaredCount, nameof(d.DeclaredValues));
        if (d.FreePositions is not { } free)
            return;
        if (d.DeclaredValues is null && free.Length < d.DeclaredCount)
            throw new ArgumentException("Some variables are fixed but DeclaredValues does not say at what.");
        var previous = -1;
        foreach (var position in free)
        {
            if (position <= previous || position >= d.DeclaredCount)
                throw new ArgumentException($"FreePositions must ascend within 0 … {d.DeclaredCount - 1}; got {position} after {previous}.");
            previous = position;
        }
    }

    private static void Check(Template t, int points, int rows)
    {
        if (t.InstanceCount < 0)
            throw new ArgumentException($"'{t.Name}' has {t.InstanceCount} instances.");
        Range(t, t.Row, rows, "row");
        foreach (var slot in t.Slots)
            Range(t, slot, points, "slot");
        foreach (var slot in t.GradientSlots)
            Slot(t, slot);
        foreach (var (first, second) in t.HessianPairs)
        {
            Slot(t, first);
            Slot(t, second);
        }
        foreach (var column in t.DataColumns)
        {
            if (!column.IsAffine || column.Step is not (0 or 1))
                throw new ArgumentException($"A datum of '{t.Name}' is neither uniform nor a column (step 0 or 1).");
            Range(t, column, t.Data.Length, "datum");
        }
        var entries = (long)Math.Max(t.GradientSlots.Length, t.HessianPairs.Length) * t.InstanceCount;
        if (entries > Array.MaxLength)
            throw new ArgumentException($"'{t.Name}' has {entries} derivative entries, more than the {Array.MaxLength} that can be indexed; split its index set.");
    }

    private static void Slot(Template t, int slot)
    {
        if ((uint)slot >= (uint)t.Slots.Length)
            throw new ArgumentException($"'{t.Name}' has a derivative in slot {slot}, but {t.Slots.Length} slots.");
    }

    private static void Range(Template t, IndexColumn column, int bound, string what)
    {
        var count = t.InstanceCount;
        if (count == 0)
            return;
        long low, high;
        if (column.Table is { } table)
        {
            if (table.Length < count)
                throw new ArgumentException($"A {what} table of '{t.Name}' has {table.Length} entries for {count} instances.");
            int least = table[0], most = table[0];
            foreach (var index in table.AsSpan(0, count))
            {
                least = Math.Min(least, index);
                most = Math.Max(most, index);
            }
            (low, high) = (least, most);
        }
        else
        {
            var last = column.Base + ((long)column.Step * (count - 1));
            (low, high) = (Math.Min(column.Base, last), Math.Max(column.Base, last));
        }
        if (low < 0 || high >= bound)
            throw new ArgumentException($"A {what} of '{t.Name}' runs over {low} … {high}, outside 0 … {bound - 1}.");
    }
}
