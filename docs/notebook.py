# %% [markdown]
# # From counts to a category, and how sure it is
#
# Run this in the folder of the project that `geo-bosoc init` writes. Its people are made up.

# %%
import geo_bosoc as gb

results = gb.analyse("bosoc.toml", report=gb.Report())
results.categories[["period", "area_id", "category", "points"]]

# %% [markdown]
# ## What is behind one category?

# %%
one_year = results.criteria[results.criteria["period"] == "2024"]
one_year.groupby("area_id")["points"].sum(min_count=1)

# %% [markdown]
# ## How many people stand behind each figure?

# %%
table = results.table[results.table["period"] == "2024"]
counts = table.pivot(index="area_id", columns="indicator", values="denominator")
counts

# %% [markdown]
# ## What may be shown of it
#
# Counts from 1 to 4, and what they follow from, are suppressed; categories that would tell one become a range.

# %%
published = gb.suppress(results)
hidden = published.table["status"].eq("protected").sum()
ranges = published.categories["category"].eq("range").sum()
print(f"{hidden} figures are suppressed, {ranges} categories are ranges.")
