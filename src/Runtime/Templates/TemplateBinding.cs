namespace Optc.Runtime.Templates;

/// <summary>Addresses of a template's pinned tables, the same for every workspace.</summary>
internal sealed class TemplateBinding
{
    private readonly Template _template;
    private readonly int[] _slotBases;
    private readonly nint[] _slotTables;
    private readonly int[] _dataBases;

    public TemplateBinding(Template template)
    {
        _template = template;
        _slotBases = Pinned.Zeros<int>(template.Slots.Length);
        _slotTables = Pinned.Zeros<nint>(template.Slots.Length);
        for (var k = 0; k < template.Slots.Length; k++)
        {
            _slotBases[k] = template.Slots[k].Base;
            _slotTables[k] = Pinned.Address(template.Slots[k].Table);
        }
        _dataBases = Pinned.Zeros<int>(template.DataColumns.Length);
        for (var d = 0; d < _dataBases.Length; d++)
            _dataBases[d] = template.DataColumns[d].Base;
    }

    /// <summary>A frame of its own for a workspace.</summary>
    public KernelFrame CreateFrame() => new()
    {
        SlotBases = Pinned.Address(_slotBases),
        SlotTables = Pinned.Address(_slotTables),
        Data = Pinned.Address(_template.Data),
        DataBases = Pinned.Address(_dataBases),
        RowBase = _template.Row.Base,
        RowTable = Pinned.Address(_template.Row.Table),
    };
}
