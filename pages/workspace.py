"""What does Muffin keep of mine, and how do I take it along?"""

from __future__ import annotations

from pages.parts.workspace_panel import workspace_panel

workspace_panel()
