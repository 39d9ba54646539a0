"""What can be known of a grid before its first job begins.

`grid` asks each job's task, `look` answers what tasks ask about data and networks, `sample` stands
for a run's data.
"""
